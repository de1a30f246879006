## Fields of data sets as values of the program: their sizes are known when the set is opened.

data points {
  x: f32[2]    from uniform[50, 2]
  y: index[3]  from randint[3, 50]
  split train = 0.8, test = 0.2
}

test "fields are tensors" {
  assert(mean(digits.test.label == digits.test.label) == 1)
  assert(digits.train.label[0] >= 0)
  assert(max(digits.test.image) == 16)
  assert_close(mean(points.train.x), 0.5, 0.2)
  assert(max(points.test.y) <= 2)
}
