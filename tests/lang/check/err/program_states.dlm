# What `state` and `param` at top level, steps and procedures get wrong.
state pool: f32[4] ~ zeros
state lacking: f32[4]              # error E0403: `lacking` has no first value
param wrong: f32[4] ~ zeros[5]     # error E0301: the first value of `wrong` is f32[4], this is f32[5]
param text ~ "x"                   # error E0301: a param is a tensor

fn peek() -> f32 { mean(pool) }
fn poke() -> f32 {
  pool = zeros                     # error E0402: `pool` changes in steps and at program level only
  1.0
}

model Net(x: f32[B, 4]) -> f32[B, 1] {
  pool = x[0]                      # error E0402: `pool` changes in steps and at program level only
  x |> Dense[1]
}

step fill(x: f32[4]) {
  pool = x
  pool = ones[5]                   # error E0301: `pool` is f32[4], this is f32[5]
}

step paint() {
  minimize sum(pool**2) over pool using sgd[lr=0.1]        # error E0503: `pool` has no weights
}

step again(x: f32[4]) { again(x) }                         # error E0404: the step `again` calls itself without end
step inner(x: f32[2]) -> f32 { sum(x) }
step caller(x: f32[4]) -> f32 { inner(x) }                 # error E0304: `x` of `inner` has another shape
step counted(x: f32[4]) -> f32 { inner() }                 # error E0313

fn play(n: i64) -> f32 {
  for i in 0..n { print("{i}") }
  fill(ones[4])
  undefined_name                                           # error E0201: there is no name `undefined_name`
}

fn report_it(x: f32) { print("{x}") }
fn pure(x: f32) -> f32 { report_it(x); x }
step bad(x: f32) { report_it(x) }                          # error E0453: `report_it` is a procedure of the program
layer Bad(x: f32[B, 2]) -> f32[B, 2] { report_it(1.0); x } # error E0453: `report_it` is a procedure of the program

extern fn cbrtf(x: f32) -> f32
extern fn no_types(x)                                      # error E0319: an input of a C function needs its type
                                                           # error at 44 E0319: `no_types` needs the type of its result
print("{cbrtf(8.0)}")                                      # error E0498: `cbrtf` is a C function, which cannot be called yet
print("{peek()} {poke()} {play(3)} {play(4)} {pure(1.0)}")
