## Convolutions of sizes that fill no vector and no block, against sums of products with the shifted operand. All numbers
## are whole and small, so that every sum is exact in any order.

fn whole[..S](by: i64) -> f32[..S] { f32((reshape[..S](iota[prod(S)]) * by + 5) % 7) - 3 }

## One axis, padded by 1, kernels of width 3.
fn shifted(x: f32[B, C, T], w: f32[K, C, 3]) -> f32[B, K, T] {
  let padded = concat[2](zeros[B, C, 1], x, zeros[B, C, 1])
  w[_, _, 0] @ padded[_, _, 0..T] + w[_, _, 1] @ padded[_, _, 1..T + 1] + w[_, _, 2] @ padded[_, _, 2..T + 2]
}

fn check(x: f32[B, C, T], w: f32[K, C, 3]) { assert_close(convolution[pad=1](x, w), shifted(x, w), 0.0) }

test "lines shorter than a vector, and of odd lengths" {
  check(whole[5, 3, 1](3), whole[4, 3, 3](2))
  check(whole[3, 2, 7](3), whole[5, 2, 3](2))
  check(whole[3, 4, 17](3), whole[7, 4, 3](2))
  check(whole[2, 4, 63](3), whole[6, 4, 3](2))
}

test "long lines are cut in pieces" {
  check(whole[2, 3, 129](3), whole[4, 3, 3](2))
  check(whole[1, 2, 300](3), whole[1, 2, 3](2))
  check(whole[1, 2, 512](3), whole[2, 2, 3](2))
}

test "many channels are several chunks, many kernels several blocks" {
  check(whole[2, 200, 9](3), whole[70, 200, 3](2))
  check(whole[1, 3, 5](3), whole[1100, 3, 3](2))
}

## With zeros written between the elements, `by` - 1 of them.
fn spread[by: i64](x: f32[B, C, T]) -> f32[B, C, T*by - by + 1] {
  let cells = concat[3](reshape[B, C, T, 1](x), zeros[B, C, T, by - 1])
  reshape[B, C, T*by](cells)[_, _, 0..T*by - by + 1]
}

test "zeros between elements may be left out" {
  let x = whole[3, 5, 7](3)
  assert_close(convolution[spread=2, pad=2](x, whole[4, 5, 4](2)), convolution[pad=2](spread[2](x), whole[4, 5, 4](2)), 0.0)
  assert_close(convolution[spread=2, pad=2](x, whole[4, 5, 3](2)), convolution[pad=2](spread[2](x), whole[4, 5, 3](2)), 0.0)
  assert_close(convolution[spread=3, pad=1](x, whole[2, 5, 1](2)), convolution[pad=1](spread[3](x), whole[2, 5, 1](2)), 0.0)
  assert_close(convolution[spread=3, pad=3](x, whole[2, 5, 8](2)), convolution[pad=3](spread[3](x), whole[2, 5, 8](2)), 0.0)
}

fn of_kernel(w: f32[2, 5, 4]) { sum(convolution[spread=2, pad=2](whole[3, 5, 7](3), w) * whole[3, 2, 14](5)) }

fn of_kernel_spread(w: f32[2, 5, 4]) { sum(convolution[pad=2](spread[2](whole[3, 5, 7](3)), w) * whole[3, 2, 14](5)) }

fn of_operand(x: f32[3, 5, 7]) { sum(convolution[spread=2, pad=2](x, whole[2, 5, 4](2)) * whole[3, 2, 14](5)) }

fn of_operand_spread(x: f32[3, 5, 7]) { sum(convolution[pad=2](spread[2](x), whole[2, 5, 4](2)) * whole[3, 2, 14](5)) }

fn of_groups(w: f32[4, 3, 3]) {
  sum(convolution[spread=3, pad=4, dilation=2, groups=2](whole[3, 6, 7](3), w) * whole[3, 4, 23](5))
}

fn of_groups_spread(w: f32[4, 3, 3]) {
  sum(convolution[pad=4, dilation=2, groups=2](spread[3](whole[3, 6, 7](3)), w) * whole[3, 4, 23](5))
}

test "their gradients are the same" {
  let w = whole[2, 5, 4](2)
  let x = whole[3, 5, 7](3)
  assert_close(grad(of_kernel(w), w), grad(of_kernel_spread(w), w), 0.0)
  assert_close(grad(of_operand(x), x), grad(of_operand_spread(x), x), 0.0)
  let groups = whole[4, 3, 3](2)
  assert_close(grad(of_groups(groups), groups), grad(of_groups_spread(groups), groups), 0.0)
}
