## Named data sets.

## 1,797 handwritten digits, 8x8 pixels of 0 to 16, embedded: the test set of the UCI "Optical Recognition of
## Handwritten Digits" (Alpaydin and Kaynak 1998, CC BY 4.0), split once and for all.
data digits {
  train {
    image: u8[8, 8]   from embedded("digits/train-image")
    label: index[10]  from embedded("digits/train-label")
  }
  test {
    image: u8[8, 8]   from embedded("digits/test-image")
    label: index[10]  from embedded("digits/test-label")
  }
}

## 70,000 handwritten digits, 28x28 (LeCun, Cortes and Burges 1998): mnist/*.gz next to the program or in $DLC_DATA.
data mnist {
  train {
    image: u8[28, 28]  from idx("mnist/train-images-idx3-ubyte.gz")
    label: index[10]   from idx("mnist/train-labels-idx1-ubyte.gz")
  }
  test {
    image: u8[28, 28]  from idx("mnist/t10k-images-idx3-ubyte.gz")
    label: index[10]   from idx("mnist/t10k-labels-idx1-ubyte.gz")
  }
}

## 70,000 pictures of clothes in ten classes, 28x28 (Xiao, Rasul and Vollgraf 2017): fashion_mnist/*.gz likewise.
data fashion_mnist {
  train {
    image: u8[28, 28]  from idx("fashion_mnist/train-images-idx3-ubyte.gz")
    label: index[10]   from idx("fashion_mnist/train-labels-idx1-ubyte.gz")
  }
  test {
    image: u8[28, 28]  from idx("fashion_mnist/t10k-images-idx3-ubyte.gz")
    label: index[10]   from idx("fashion_mnist/t10k-labels-idx1-ubyte.gz")
  }
}
