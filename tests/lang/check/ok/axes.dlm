# Reductions, order, einsum, products, lists: by name, position, pack.
fn by_name(x: f32[B, T, H]) -> f32[B, H] { sum[T](x) }
fn by_two(x: f32[B, C, H, W]) -> f32[B, C] { mean[H, W](x) }
fn by_position(x: f32[B, T]) -> (f32[B], f32[T]) { (max[-1](x), min[0](x)) }
fn over_pack(x: f32[B, C, ..S]) -> f32[C] { mean[B, ..S](x) }
fn over_computed(x: f32[B, ..S]) -> f32[B] { sum[..S](2 * x + 1) }
fn kept(x: f32[B, T]) -> f32[B, T] { x - max[T, keep=true](x) }
fn normed(x: f32[B, C, ..S]) -> f32[B, C, ..S] { (x - mean[B, ..S](x)[_, new..S]) / std[B, ..S](x)[_, new..S] }
fn spreads(x: f32[B, T]) -> (f32, f32[B], f32[T]) { (std(x), std[T](x), std[0](x)) }
fn truths(c: bool[B, T]) -> (bool, bool[B], bool[T]) { (any(c), all[T](c), any[0](c)) }
fn whole(x: u8[B], y: i32[B], z: bool[B], w: u64[B]) -> (i64, i64, i64, u64, f32, u8) {
  (sum(x), sum(y), sum(z), sum(w), mean(x), max(x))
}
fn places(x: f32[B, T]) -> (index[T][B], index[B][T], index[T][B]) { (argmax(x), argmin[0](x), argmax[T](x)) }
fn best_index(i: index[V][_]) -> index[V] { max(i) }
fn soft(x: f32[B, T]) -> (f32[B, T], f32[B, T]) { (softmax(x), softmax[0](x)) }

fn ordered(x: f32[B, T]) -> (f32[B, T], f32[B, T], index[T][B, T], index[B][B, T]) {
  (sort(x), sort[0, descending=true](x), argsort(x), argsort[B](x))
}
fn best[k: i64](x: f32[B, T]) -> (f32[B, k], index[T][B, k]) { top_k[k](x) }
fn best_rows(x: f32[B, T]) -> (f32[2, T], index[B][2, T]) { top_k[2, B](x) }
fn so_far(x: f32[B, T], n: i32[T]) -> (f32[B, T], f32[B, T], i64[T]) { (cumsum(x), cumsum[0](x), cumsum(n)) }

fn letters(x: f32[B, T, C], w: f32[C, D], q: f32[B, T], s: f32[C, C]) -> (f32[B, T, D], f32[T, C, B], f32[B], f32[C], f32) {
  (einsum["btc,cd->btd"](x, w), einsum["btc->tcb"](x), einsum["btc,bt,c->b"](x, q, ones[C]), einsum["ii->i"](s),
   einsum["ii->"](s))
}
fn outer(a: f32[A], b: f32[B]) -> (f32[A, B], f32[B, A]) { (einsum["a,b->ab"](a, b), einsum["i,j->ji"](a, b)) }
fn pointwise(a: f32[A, B], b: f32[B, A]) -> f32[A, B] { einsum["ab,ba->ab"](a, b) }
fn heads(q: f32[B, T, 4, E], k: f32[B, S, 4, E]) -> f32[B, 4, T, S] { einsum["bthe,bshe->bhts"](q, k) }

fn batched(a: f32[B, H, T, E], b: f32[B, H, E, S]) -> f32[B, H, T, S] { a @ b }
fn shared(a: f32[B, H, T, E], b: f32[H, E, S]) -> f32[B, H, T, S] { a @ b }
fn stretched(a: f32[B, T, E], b: f32[H, E, S]) -> f32[B, H, T, S] { a[_, new] @ b }
fn vectors(v: f32[E], a: f32[B, E, S], w: f32[E]) -> (f32[B, S], f32) { (v @ a, v @ w) }

fn lists(x: f32[B, T], y: f32[B, U]) -> (f32[B, T + U], f32[2, B, T], f32[B, T, 2]) {
  (concat[1](x, y), stack(x, 2 * x), stack[-1]((x, x)))
}
fn padded(x: f32[B, T], i: index[5][B]) -> (f32[B, T + 3], f32[B + 1, T], index[5][B + 2]) {
  (pad[T, low=1, high=2](x), pad[0, high=1](x, 7), pad[low=2](i, 4))
}
fn parts(x: f32[B, 3]) -> f32[B] {
  let a, b, c = unstack[1](x)
  a * b + c
}
fn chosen(c: bool[B], x: f32[B], i: i32[B]) -> (f32[B], f32[B], i32[B], f32) {
  (where(c, x, 0), where(c, 1, x), where(c, i, 0), where(true, 1.0, 2.0))
}
fn narrow(x: f32[B]) -> (f16[B], bf16[B], i8[B], u32[B], f64[B], bool[B]) {
  (f16(x), bf16(x), i8(x), u32(x), f64(x), bool(x))
}
fn drawn(l: f32[B, V]) -> (index[V][B], index[V][7, B], index[9][2, 3], f32[2]) {
  (categorical(l), categorical[7](l), randint[9, 2, 3], uniform[2](-1, 1))
}

let x = ones[2, 3]
print(by_name(ones[2, 3, 4]), by_two(ones[2, 3, 4, 5]), by_position(x), over_pack(ones[2, 3, 4, 5]), over_pack(x))
print(over_computed(ones[2, 3, 4]), over_computed(ones[2]), kept(x), normed(ones[2, 3, 4]), spreads(x), truths(x > 0))
let bytes: u8[2] = [250, 6]
print(whole(bytes, i32(bytes), bool(bytes), u64(bytes)), places(x), best_index(randint[3, 4]), soft(x), ordered(x))
print(best[2](x), best_rows(x), so_far(x, i32([1, 2, 3])), letters(ones[2, 3, 4], ones[4, 5], x, ones[4, 4]))
print(outer(ones[2], ones[3]), pointwise(ones[2, 3], ones[3, 2]), heads(ones[2, 3, 4, 5], ones[2, 6, 4, 5]))
print(batched(ones[2, 3, 4, 5], ones[2, 3, 5, 6]), shared(ones[2, 3, 4, 5], ones[3, 5, 6]), stretched(ones[2, 4, 5], ones[3, 5, 6]))
print(vectors(ones[5], ones[2, 5, 6], ones[5]), lists(x, ones[2, 1]), parts(ones[2, 3]), chosen([true], [1.0], i32([1])))
print(padded(x, randint[5, 2]), narrow([1.0]), drawn(ones[2, 3]))
