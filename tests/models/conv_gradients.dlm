## Gradients of kernels of sizes that fill no block: lanes run across the kernels where the sum is long.  Of many small pictures
## lanes run across the examples.

layer Bare[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, dilation: i64 = 1](x: f32[_, In, _, _]) {
  param w: f32[Out, In, kernel, kernel] ~ normal
  convolution[stride=stride, pad=pad, dilation=dilation](x, w)
}

layer Line[Out, kernel: i64, stride: i64 = 1](x: f32[_, In, _]) {
  param w: f32[Out, In, kernel] ~ normal
  convolution[stride=stride](x, w)
}

model Small(x: f32[_, 5, 9, 11]) { x |> Bare[19, kernel=3, pad=1] |> relu |> Bare[17, kernel=2, stride=2] }
model Points(x: f32[_, 37, 8, 8]) { x |> Bare[40, kernel=1] |> relu |> Bare[33, kernel=1, stride=2] }
model Wide(x: f32[_, 3, 13, 12]) { x |> Bare[48, kernel=5, pad=2] |> relu |> Bare[64, kernel=4, stride=2, pad=1] }
model Apart(x: f32[_, 2, 16, 16]) { x |> Bare[16, kernel=7, stride=2, pad=3] |> relu |> Bare[16, kernel=3, pad=2, dilation=2] }
model Lines(x: f32[_, 6, 50]) { x |> Line[20, kernel=5] |> relu |> Line[34, kernel=3, stride=3] }
model Pictures(x: f32[_, 29, 4, 4]) { x |> Bare[30, kernel=3, pad=1] |> relu |> Bare[20, kernel=3, pad=1] }

step train_small(x: f32[8, 5, 9, 11]) { minimize mean(Small(x)**2) using sgd[lr=0.1] }
step train_points(x: f32[6, 37, 8, 8]) { minimize mean(Points(x)**2) using sgd[lr=0.1] }
step train_wide(x: f32[4, 3, 13, 12]) { minimize mean(Wide(x)**2) using sgd[lr=0.1] }
step train_apart(x: f32[3, 2, 16, 16]) { minimize mean(Apart(x)**2) using sgd[lr=0.1] }
step train_lines(x: f32[7, 6, 50]) { minimize mean(Lines(x)**2) using sgd[lr=0.1] }
step train_pictures(x: f32[32, 29, 4, 4]) { minimize mean(Pictures(x)**2) using sgd[lr=0.1] }

seed(3)
for turn in 0..2 {
  train_small(normal[8, 5, 9, 11])
  train_points(normal[6, 37, 8, 8])
  train_wide(normal[4, 3, 13, 12])
  train_apart(normal[3, 2, 16, 16])
  train_lines(normal[7, 6, 50])
  train_pictures(normal[32, 29, 4, 4])
}
