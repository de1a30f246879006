## Kernels and windows that do not fit what they slide over.

let x = zeros[2, 3, 28, 20]
let w = zeros[8, 3, 5, 5]

print(sum(convolution(x, zeros[8, 1, 5, 5])))         # error E0302: the channels differ: the picture has 3, the kernels take 1
print(sum(convolution(x, zeros[8, 3, 31, 5])))        # error E0323: kernel 31 is larger than the padded height 28
print(sum(convolution[pad=1](x, zeros[8, 3, 3, 23]))) # error E0323: kernel 23 is larger than the padded width 22
print(sum(convolution[dilation=5](x, w)))             # error E0323: kernel 21 is larger than the padded width 20
print(sum(convolution[stride=0](x, w)))               # error E0323: `stride` is at least 1; this is 0
print(sum(convolution[pad=-1](x, w)))                 # error E0323: `pad` is at least 0; this is -1
print(sum(convolution[pads=1](x, w)))                 # error E0208: `convolution` has no such parameter
print(sum(convolution[groups=3](x, zeros[8, 1, 5, 5]))) # error E0312: 3 groups do not divide 8 kernels
print(sum(convolution(x, zeros[8, 3, 5])))            # error E0307: a kernel has as many axes as what it slides over: f32[8, 3, 5] against f32[2, 3, 28, 20]
print(sum(convolution(x[0, 0], w)))                   # error E0307: `convolution` works on axes behind two others, this is f32[28, 20]
print(sum(convolution(x)))                            # error E0313: `convolution` takes 2 arguments, 1 given
print(sum(window_max(x)))                             # error E0314: `window_max` needs the size of its window: window_max[kernel=2](x)
print(sum(max_pool[21](x)))                           # error E0323: kernel 21 is larger than the padded width 20
print(convolution[stride=2, pad=2](x, w) + zeros[2, 8, 14, 11]) # error E0303: the shapes of `+` differ: f32[2, 8, 14, 10] against f32[2, 8, 14, 11]

model Net(y: f32[B, 1, 28, 28]) -> f32[B, 10] {
  y |> Conv2d[8, kernel=31] |> flatten |> Dense[10]   # error E0323: kernel 31 is larger than the padded height 28
}
let wide = Conv2d[16, kernel=5]
print(wide(ones[8, 28, 28, 3]))                 # error E0323: kernel 5 is larger than the padded width 3
# note: the axes are [batch, channels, height, width], this is f32[8, 28, 28, 3]
# fix: where the channels are last, put them behind the batch: transpose[0, 3, 1, 2](x)
print(window_max[kernel=4](ones[8, 28, 3]))     # error E0323: kernel 4 is larger than the padded length 3
# fix: transpose[0, 2, 1](x)
let small = Conv2d[16, kernel=5]
print(small(ones[8, 3, 4, 4]))                  # error E0323: kernel 5 is larger than the padded height 4
# note: the axes are [batch, channels, height, width], this is f32[8, 3, 4, 4]
