## Convolutions and pools on numbers that can be checked by hand.

fn ramp[..S] -> f32[..S] { f32(reshape[..S](iota[prod(S)])) }

test "a convolution sums products under the kernel" {
  let x = ramp[1, 1, 3, 3]
  let w = ones[1, 1, 2, 2]
  assert_close(convolution(x, w), reshape[1, 1, 2, 2]([8.0, 12, 20, 24]), 1e-4)
  assert_close(convolution[stride=2, pad=1](x, w), reshape[1, 1, 2, 2]([0.0, 3, 9, 24]), 1e-4)
  assert_close(convolution[dilation=2](x, w), reshape[1, 1, 1, 1]([16.0]), 1e-4)
}

test "groups keep channels apart" {
  let x = ramp[1, 2, 1, 3]
  let y = convolution[groups=2](x, ones[2, 1, 1, 2])
  assert_close(y, reshape[1, 2, 1, 2]([1.0, 3, 7, 9]), 1e-4)
}

test "pools" {
  let x = ramp[1, 1, 4, 4]
  assert_close(max_pool[2](x), reshape[1, 1, 2, 2]([5.0, 7, 13, 15]), 1e-4)
  assert_close(avg_pool[2](x), reshape[1, 1, 2, 2]([2.5, 4.5, 10.5, 12.5]), 1e-4)
  assert_close(max_pool[3, stride=2, pad=1](-x), reshape[1, 1, 2, 2]([0.0, -1, -4, -5]), 1e-4)
}

test "one and three axes" {
  assert_close(convolution(ramp[1, 1, 4], ones[1, 1, 3]), reshape[1, 1, 2]([3.0, 6]), 1e-4)
  assert_close(window_sum[kernel=2](ramp[1, 1, 2, 2, 2]), reshape[1, 1, 1, 1, 1]([28.0]), 1e-4)
}

fn down(x: f32[2, 3, 8, 6], w: f32[4, 3, 4, 4]) -> f32[2, 4, 4, 3] { convolution[stride=2, pad=1](x, w) }

fn up(y: f32[2, 4, 4, 3], w: f32[4, 3, 4, 4]) -> f32[2, 3, 8, 6] {
  convolution[spread=2, pad=2](y, transpose[1, 0, 2, 3](reverse[2](reverse[3](w))))
}

test "the transposed convolution is the transpose" {
  let x = sin(ramp[2, 3, 8, 6])
  let y = cos(ramp[2, 4, 4, 3])
  let w = sin(3 * ramp[4, 3, 4, 4])
  assert_close(sum(down(x, w) * y), sum(x * up(y, w)), 1e-4)
}
