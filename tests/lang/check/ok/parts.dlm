# Reading and writing parts: positions, ranges, gathers, pairs, index arithmetic.
dim N = 6

fn window[n: i64](x: f32[B, T], k: index[T][B], s: i64) -> (f32[B], f32[B, n]) given n <= T {
  (x[iota[B], k], x[_, s..s + n])
}
fn shifted[n: i64](x: f32[_, E], s: i64) -> f32[n, E] { x[s + 1..s + 1 + n] }
fn between[n: i64](x: f32[_], s: i64) -> f32[n] { x[s - n..s] }
fn of_record(x: f32[_], at: i64[2]) -> f32[3] { x[at[0]..at[0] + 3] }

fn picked(table: f32[V, E], ids: index[V][B, T]) -> f32[B, T, E] { table[ids] }
fn paired(logits: f32[B, C], label: index[C][B]) -> f32[B] { logits[iota[B], label] }
fn crossed(x: f32[A, B, C], i: index[A][M], k: index[C][M]) -> f32[M, B] { x[i, _, k] }
fn spread(x: f32[A, C], i: index[A][M], k: index[C][M]) -> f32[M, M] { x[i[_, new], k] }
fn stretched(m: f32[A], like: f32[A, ..S]) -> f32[A, ..S] { m[_, new..S] + like }
fn ends(x: f32[..S, T]) -> f32[..S] given T >= 1 { x[.., -1] }

fn next_of(i: index[N]) -> index[N + 1] { i + 1 }
fn before_it(i: index[N]) -> index[N + 2] { 2 + i }
fn total_of(i: index[A], k: index[B]) -> index[A + B - 1] { i + k }
fn row_of(x: f32[A, B], e: index[A*B]) -> index[A] { e // B }
fn place_of(e: i64, x: f32[_, B]) -> index[B] { e % B }
fn halved(i: index[7]) -> index[4] { i // 2 }
fn as_number(i: index[N]) -> i64 { i * 2 - 1 }
fn proven(i: index[A], x: f32[B]) -> f32 given A <= B { x[i] }
fn from_bool(b: bool[B], x: f32[2]) -> f32[B] { x[b] }
fn from_bools(b: bool[B]) -> index[2][B] { b }
fn checked(x: f32[V], e: f32) -> f32 { x[index[V](floor(e))] }
fn counted(x: f32[V, E]) -> f32[V, E] { for i in 0..V { yield x[i] } }

fn segments(v: f32[R, E], ids: index[3][R]) -> f32[3, E] { segment_sum[3](v, ids) }

fn written(x: f32[A, B], i: index[A], ids: index[B][M], v: f32[A, M], s: i64) -> f32[A, B] given B >= 2 {
  var y = x
  y[i] = 0
  y[0, -1] = 3
  y[_, ids] = v
  y[.., s..s + 2] = v[_, 0..1][_, 0][_, new]
  y[i, ids] = v[0]
  y
}

fn counts(ids: index[V][_]) -> i64[V] {
  var n: i64[V] = zeros
  for i in ids { n[i] = n[i] + 1 }
  n
}

fn labels(x: index[5][B]) -> index[5][B] given B >= 1 {
  var y = x
  y[0] = 4
  y
}

fn small(x: i8[B], y: f16[B]) -> i8[B] { x + i8(y) }
fn halves(x: f32[B]) -> (f32[B], f32[B]) given B >= 2 {
  var a = zeros[B]
  var b = zeros[B]
  var c = 0.0
  a[0], b[1], c = (1.0, 2.0, 3.0)
  a[1], _ = (c, 0)
  (a + x, b)
}

layer Memory(x: f32[B, E]) -> f32[B, E] given B >= 1 {
  state last: f32[3, E] ~ zeros
  if training { last[0] = x[0] }
  x + last[0]
}

let net = Memory
print(net(ones[2, 3]))
net.last[1] = 5
var table = zeros[N, 2]
table[1..3] = ones[2, 2]
for i in 0..N { table[i, 0] = i }
print(table, window[2](ones[2, 5], randint[5, 2], 1), shifted[2](ones[9, 2], 3), between[2](ones[9], 4))
print(of_record(ones[9], [1, 2]), picked(ones[4, 2], randint[4, 2, 3]), paired(ones[2, 3], randint[3, 2]))
print(crossed(ones[2, 3, 4], randint[2, 5], randint[4, 5]), spread(ones[2, 4], randint[2, 5], randint[4, 5]))
print(stretched(ones[2], ones[2, 3, 4]), ends(ones[2, 3]), next_of(0), before_it(1), total_of(randint[3], randint[4]))
print(row_of(ones[2, 3], randint[6]), place_of(77, ones[2, 3]), halved(6), as_number(5), proven(randint[2], ones[3]))
print(from_bool([true, false], [1.0, 2.0]), from_bools([true]), checked(ones[3], 1.5), counted(ones[3, 2]))
print(segments(ones[4, 2], [0, 2, 2, 1]), picked(ones[4, 2], [[0, 3], [1, 1]]), crossed(ones[2, 3, 4], [0, 1], [3, 0]))
print(segments(ones[4, 2], randint[3, 4]), counts(randint[3, 9]), labels([0, 4]), small([1, -2], [1, 2.5]), halves(ones[2]))
print(written(ones[2, 3], 1, randint[3, 2], ones[2, 2], 0))
