# A data set that is printed as a whole uses all of its fields.
data points {
  x: f32 from [1.0, 2.0]
  y: f32 from [3.0, 4.0]
}

print("all: {points}")
print(points[0..1])
