dim Hidden = 16
dim Hidden = 32                                  # error E0202: `Hidden` is declared twice
dim width = 3                                    # error E0203: `width` must begin with a capital
fn Square(x: f32[..]) -> f32[..] { x * x }       # error E0203: `Square` must begin with a small letter

layer Two[Out](x: f32[B, In]) -> f32[B, Out] {
  param w: f32[In, Out] ~ glorott                # error E0201: there is no name `glorott`
  x @ w
}

model Net(x: f32[B, 4]) -> f32[B, 2] {
  x |> Dens[2]                                   # error E0201: there is no layer `Dens`
}

fn unknown(x: f32[B, T]) -> f32[B, T] {
  let a = x + y                                  # error E0201: there is no name `y`
  a * y
}

fn sizes(x: f32[B, T]) -> f32[B, Q] { x }        # error E0201: there is no dimension `Q`

fn twice(x: f32[..]) -> f32[..] {
  let a = x
  let a = x                                      # error E0202: `a` is declared twice here
  a
}

fn wasted(x: f32[..]) -> f32[..] {
  let unused = x * 2                             # error E0204: `unused` is never used
  x + 1                                          # error E0204: this value is never used
  x
}

fn once(x: f32[N, T]) -> f32 {                   # warning W0209: the dimension `T`
  sum(x) / N
}

fn capital(x: f32[..]) -> f32[..] {
  let Big = x                                    # error E0203: `Big` names a value
  Big
}

fn hides(x: f32[..]) -> f32[..] {
  let lr = x                                     # error E0210: `lr` is the name of an option
  lr
}
option lr: f32 = 0.1

print(nobody)                                    # error E0201: there is no name `nobody`
print(Net.wrong)
sqrrt(2.0)                                       # error E0201: there is no function `sqrrt`
let s = 3
print(s(4))                                      # error E0205: this is i64, which cannot be called
print(relu)                                      # error E0206: `relu` is a function
print(s.field)                                   # error E0207: i64 has no fields
print(softmax[axis=0]([1.0, 2.0]))               # error E0208: `softmax` has no parameter `axis`
print(gelu(y=1.0))                               # error E0208: `gelu` has no input `y`
