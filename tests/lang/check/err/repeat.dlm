# Mistakes in `repeat`.

fn over_tensor(x: f32[N, 3]) -> f32 {
  var s = 0.0
  repeat row in x { s = s + sum(row) } # error E0430: `repeat` runs over a range, a list or a tuple, this is f32[N, 3]
  s
}

fn lengths(x: f32[N]) -> f32[N] {
  var h = x
  repeat a, b in [1, 2, 3], (true, false) { # error E0431: the sources of this `repeat` have 3 and 2 elements
    h = if b { h * a } else { h }
  }
  h
}

fn endless(x: f32[N]) -> f32[N] {
  var h = x
  repeat i in 0.. { h = h + i } # error E0430: this `repeat` has no end
  h
}

fn too_many(x: f32[N]) -> f32[N] {
  var h = x
  repeat i in 0..100_000 { h = h + i } # error E0430: a `repeat` makes 0 to 4096 copies, this is 100000
  h
}

fn twice(x: f32[N]) -> (f32[N], f32[N]) {
  repeat i in 0..2 {
    yield x * i
    yield x # error E0432: a `repeat` yields once in every copy
  }
}

fn sometimes(x: f32[N]) -> (f32[N], f32[N]) {
  repeat i in 0..2 {
    if i == 0 { yield x } # error E0432: a `yield` stands in the body of its `repeat`, not in an `if`
    yield x
  }
}

fn pattern(x: f32[N]) -> f32[N] {
  var h = x
  repeat (a, b) in [(1, 2), (3, 4, 5)] { h = h * a + b } # error E0321: 2 names for 3 items
  h
}

fn unused(x: f32[N]) -> f32[N] {
  repeat i in 0..2 { yield x * i } # error E0204: what this `repeat` yields is never used
  x
}

fn names(x: f32[N]) -> f32[N] {
  var h = x
  repeat a, b in 0..3 { h = h * a + b } # error E0321: 2 names for 1 source
  h
}

layer Inside(x: f32[B, N]) -> f32[B, N] {
  var h = x
  repeat i in 0..2 {
    param w: f32[N] ~ zeros # error E0401: a `param` inside a `repeat` has one name for all copies
    h = h * w + i
  }
  h
}

# said once, for the copy where it is wrong
fn later(x: f32[B, 8]) -> f32[B, 8] {
  var h = x
  repeat k in [8, 4] { h = h + x[_, 0..k] } # error E0303: differ
  h
}

# outside of a repeat a var keeps its shape
fn fixed(x: f32[B, 8], go: bool) -> f32[B, 8] {
  var h = x
  var g = x
  h = x[_, 0..4] # error E0301: `h` is f32[B, 8], this is f32[B, 4]
  repeat _ in 0..2 {
    if go { g = x[_, 0..4] } # error E0301: `g` is f32[B, 8], this is f32[B, 4]
  }
  h + g
}

step open(v: f32[B, 3]) {
  var h = v
  repeat _ in 0..B { h = h * 2 } # error E0430: how often a `repeat` copies is known when compiling; `B` is not
  report size = sum(h)
}

# any number of copies: the shape is wrong in each
layer Generic[N](x: f32[B, E]) -> f32[B, E] {
  var h = x
  repeat i in 0..N { h = h @ x } # error E0302: inner dimensions
  h
}
