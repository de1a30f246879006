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
