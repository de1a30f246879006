## Named data sets.

## 1,797 handwritten digits of 8x8 pixels with values 0 to 16: the test set of "Optical Recognition of Handwritten Digits",
## UCI Machine Learning Repository (CC BY 4.0).  Embedded in the program.
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
