## Element types, draws and run-time indexes: values.

test "half floats are computed in f32 and rounded once" {
  let a: f16[3] = [1.5, 2.0, -3.0]
  let b: bf16[3] = [1.5, 2.0, -3.0]
  assert(all(a + a == f16([3.0, 4.0, -6.0])))
  assert(all(f32(a) + f32(b) == [3.0, 4.0, -6.0]))
  assert(sum(a) == 0.5 and max(b) == 2 and argmax(a) == 1 and std(a) == f16(std(f32(a))))
  assert(f32(a[1] / 3) == f32(f16(f32(2.0) / 3)))
  assert(all(sort(a) == f16([-3.0, 1.5, 2.0])) and all(cumsum(b) == bf16([1.5, 3.5, 0.5])))
  assert(einsum["i,i->"](a, a) == 15.25 and (a @ b)[new][0] == 15.25)
  var z = a
  z[1] = 7
  z[index[3]([0, 2])] = f16([1.0, 2.0])
  assert(all(z == f16([1.0, 7.0, 2.0])))
}

test "whole numbers" {
  let i: i8[3] = [100, 20, -3]
  let u: u8[4] = [250, 250, 3, 4]
  let w: u16[3] = [1, 2, 3]
  assert(sum(u) == 507 and mean(u) == 126.75 and max(u) == 250 and sum(i) == 117)
  assert(all(cumsum(w) == [1, 3, 6]) and all(argsort(i) == [2, 1, 0]))
  assert(all(i // 2 == [50, 10, -2]) and all(i % 7 == [2, 6, 4]) and all(i / 2 == [50.0, 10.0, -1.5]))
  assert(sum([true, true, false]) == 2 and mean([true, false]) == 0.5)
  assert(u8(300.0) == 255 and i64(2.7) == 2 and bool(0.5))
}

test "order" {
  let nan = 0.0 / 0.0 * ones[1]
  let x = concat([2.0, inf, -inf, 2.0], nan)
  assert(all(argsort(x) == [2, 0, 3, 1, 4]))
  assert(all(argsort[descending=true](x) == [4, 1, 0, 3, 2]))
  let v, i = top_k[2, 0]([[1.0, 5.0], [3.0, 5.0], [2.0, 4.0]])
  assert(all(v == [[3.0, 5.0], [2.0, 5.0]]) and all(i == [[1, 0], [2, 1]]))
  assert(all(sort(zeros[0]) == zeros[0]) and all(cumsum(zeros[2, 0]) == zeros[2, 0]))
}

test "categorical draws by the probabilities" {
  let drawn = categorical[20000](log([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]]))
  let shares = stack[1](mean[0](drawn == 0), mean[0](drawn == 1), mean[0](drawn == 2))
  assert_close(shares, [[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]], 0.02)
  assert(all(drawn[_, 1] != 2) and any(drawn[_, 0] != drawn[_, 1]))
  let rolled = randint[6, 6000]
  for k in 0..6 { assert_close(mean(rolled == k), 1/6, 0.02) }
}

model Ring(x: f32[_]) -> f32[5] {
  param scale: f32 ~ 2.0
  var ring = zeros[5]
  for i in 0..3 { ring[(3 + i) % 5] = scale * i + sum(x) }
  ring
}

test "positions known in each turn and at run time" {
  assert(all(Ring(ones[2]) == [6.0, 0.0, 0.0, 2.0, 4.0]))
  var x = reshape[3, 4](f32(iota[12]))
  var k = 1
  assert(all(x[k..k + 2, 0] == [4.0, 8.0]) and all(x[0, k - 1..k + 1] == [0.0, 1.0]))
  x[k..k + 2, _] = 0
  assert(sum(x) == 6)
  x[_, k] = [1, 2, 3]
  assert(all(x[_, 1] == [1.0, 2.0, 3.0]) and x[2, 2] == 0)
  k = 2
  x[k, index[4]([3, 0, 3])] = [7.0, 8.0, 9.0]
  assert(all(x[2] == [8.0, 3.0, 0.0, 9.0]))
}
