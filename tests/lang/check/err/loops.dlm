fn grows(x: f32[T, B]) -> f32[B] {
  var h = zeros[B]
  for xt in x { h = concat(h, xt) }              # error E0340: `h` is f32[B] when the loop begins, a turn makes it f32[2*B]
  h
}

fn other_rank(x: f32[T, B]) -> f32[B] {
  var h = zeros[B]
  for xt in x { h = x }                          # error E0340: `h` is f32[B] when the loop begins, a turn makes it f32[T, B]
  h
}

fn pair(a: f32[N], b: f32[N]) -> (f32[N, 2], f32[N]) { (stack[1](a, b), b) }

fn from_call(x: f32[T, B]) -> f32[B] {
  var h = zeros[B]
  var c = zeros[B]
  for xt in x { h, c = pair(xt, c) }             # error E0340: `h` is f32[B] when the loop begins, a turn makes it f32[B, 2]
  h + c
}

fn in_while(x: f32[N]) -> f32[N] {
  var y = x
  while sum(y) < 3 { y = concat(y, y) }          # error E0340: `y` is f32[N] when the loop begins, a turn makes it f32[2*N]
  y
}

fn narrows(x: f32[T]) -> i64 {
  var n = 0
  for xt in x { n = xt }                         # error E0305: i64 is wanted, this is f32
  n
}

fn lengths(x: f32[A, 10], y: f32[B, 12]) -> f32[A] {
  for a, b in x, y { yield sum(a) + sum(b) }     # error E0341: the sources of this `for` have different lengths: A against B
}

fn axes(x: f32[B, 10], y: f32[B, 12]) -> f32[B] {
  for i, a in 0..11, x along 1 { yield a }       # error E0341: the sources of this `for` have different lengths: 11 against 10
}

fn names(x: f32[T]) -> f32[T] {
  for a, b in x { yield a * b }                  # error E0321: 2 names for 1 source
}

fn pattern(x: f32[T, 2]) -> f32[T] {
  for (a, b) in x { yield a * b }                # error E0321: 2 names for the elements of this source, which are f32[2]
}

fn tuple_pattern(x: f32[T], y: f32[T]) -> f32[T] {
  for (a, b, c) in (x, y) { yield a * b * c }    # error E0321: 3 names for the elements of this source, which are (f32, f32)
}

fn twice(x: f32[T]) -> f32[T] {
  for e in x {
    yield e
    yield 2 * e                                  # error E0440: a body yields once a turn
  }
}

fn branched(x: f32[T]) -> f32[T] {
  for e in x {
    if e > 0 { yield e }                         # error E0440: a `yield` stands in the body of its loop itself
  }
}

fn inside(x: f32[T]) -> f32[T] {
  let y = for e in x {                           # error E0403: this `for` has no value: its body yields nothing
    for i in 0..3 { yield e * i }                # error E0204: nobody uses what this loop yields
  }
  y
}

fn from_while(x: f32) -> f32 {
  var y = x
  while y > 1 {
    y = y / 2
    yield y                                      # error E0440: a `while` yields nothing
  }
  y
}

fn value_of_while(x: f32) -> f32 {
  let y = (while x > 0 { })                      # error E0403: a `while` has no value
  y
}

fn stopped(x: f32[T]) -> f32[T] {
  for e in x {
    if e > 0 { break }
    yield e                                      # error E0440: a `for` that stops or skips turns has no yields
  }
}

fn nothing(x: f32[T]) -> f32[T] {
  for e in x { let _ = e }                       # error E0403: this `for` has no value: its body yields nothing
}

fn wasted(x: f32[T]) -> f32 {
  for e in x { yield e }                         # error E0204: nobody uses what this loop yields
  sum(x)
}

fn unknown_count(n: i64) -> f32[3] {
  for i in 0..n { yield 1.0 * i }                # error E0440: the number of turns is not known when compiling
}

fn too_flat(x: f32[B, T]) -> f32[B] {
  for c in x along T { yield sum(c) }            # error E0440: the yields are stacked at axis 1, where T stood, and this is f32
}

fn scalar(x: f32) -> f32 {
  for e in x { yield e }                         # error E0307: a `for` runs over a range or along an axis; this is a scalar
}

fn text(x: f32[T]) -> f32[T] {
  for e in x { yield "a" }                       # error E0440: a `for` stacks tensors and tuples of tensors
}

fn wrong_axis(x: f32[B, T]) -> f32[B, T] {
  for c in x along 2 { yield c }                 # error E0306: f32[B, T] has no axis 2
}

fn endless(x: f32) -> f32 {
  var y = x
  for i in 0.. { y = y * i }                     # error E0441: this `for` never ends
  y
}

fn empty(x: f32) -> f32 {
  var y = x
  for i in 5..3 { y = y * i }                    # error E0309: this range ends before it begins
  y
}

fn fractional(x: f32) -> f32 {
  var y = x
  for i in 0..2.5 { y = y * i }                  # error E0305: i64 is wanted, this is f32
  y
}

fn result(x: f32[B, T]) -> f32[B, T] {
  for c in x along T { yield sum(c) * zeros[T] } # error E0301: the result of `result` is f32[B, T], this is f32[T, T]
}

fn masked(x: f32[T]) -> f32 {
  var n = 0.0
  while x > 0 { n = n + 1 }                      # error E0316: a condition is one bool, this is bool[T]
  n
}

layer Each(x: f32[T, In]) -> f32[T, 4] {
  for xt in x { yield xt[new] |> Dense[4] |> flatten } # error E0405
}

fn through_while(x: f32) -> f32 {
  var y = x
  while y > 1 { y = y / 2 }
  grad(y * 3, x)                                 # error E0442: no gradient passes through a `while`
}

fn halved(x: f32) -> f32 {
  var y = x
  while y > 1 { y = y / 2 }
  y
}
fn through_call(x: f32) -> f32 { grad(halved(x)**2, x) } # found where it is called
fn detached(x: f32) -> f32 { grad(detach(halved(x)) * x, x) } # a factor
fn beside(x: f32, n: f32) -> f32 { grad(halved(n) * x, x) }

model Small(x: f32[B, 3]) -> f32[B, 3] { x |> Dense[3] }
step stopping(x: f32[2, 3]) {
  var h = x
  for i in 0..9 {
    h = Small(h)
    if mean(h) > i { break }
  }
  minimize mean(h**2) using sgd[lr=0.1]          # error E0442: no gradient passes through a `for` with `break`
}
step searched(x: f32[2, 3]) {
  var rate = 1.0
  while rate > 0.1 { rate = rate / 2 }
  minimize mean(Small(x)**2) * rate using sgd[lr=0.1]
}
step in_a_loop(x: f32[2, 3]) {
  var n = 0
  while n < 3 {
    let y = Small(x)
    minimize mean(y**2) using sgd[lr=0.1]
    n = n + 1
  }
}
stopping(ones[2, 3])
searched(ones[2, 3])
in_a_loop(ones[2, 3])
print(through_call(1.0))                         # error E0442: no gradient passes through a `while`
print(through_while(1.0), detached(1.0), beside(1.0, 2.0))

break                                            # error E0401: `break` stands outside a loop
