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
