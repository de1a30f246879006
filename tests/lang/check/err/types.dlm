fn half(x: f16[N]) -> f16[N] { x }
fn class(label: index[10][N]) -> index[10][N] { label }
fn whole(n: i64) -> i64 { n }
fn flag(c: bool) -> bool { c }
fn word(x: f42[3]) -> f32 { sum(x) }             # error E0319: there is no type `f42`
fn bare(x: index) -> f32 { 1.0 }                 # error E0319: there is no type `index`
fn empty(x: f32) -> f32 { }                      # error E0403: `empty` gives f32, but its body ends without a value

print(half(zeros[3] * 1.5))                      # error E0305: f16 is wanted, this is f32[3]
print(class(iota[12]))                           # error E0310: an index[12] is 0 to 11, index[10] is wanted
print(class([3, 4, 10]))                         # error E0310: 10 is no index[10]
print(whole(2.5))                                # error E0305: i64 is wanted, this is f32
print(flag(1))                                   # error E0305: bool is wanted, this is i64
print(1 and true)                                # error E0305: `and` works on bool, this is i64
print(where(1, 2, 3))                            # error E0305: `where` asks for a bool first
print(any(zeros[2]))                             # error E0305: `any` works on bool
let a: f32[3] = zeros[4]                         # error E0301: `a` is f32[3], this is f32[4]
let b: i64 = 1.5                                 # error E0305: i64 is wanted
let p, q = (1, 2, 3)                             # error E0321: 2 names for 3 items
let r, s = 5                                     # error E0321: 2 names for 1 value
if zeros[2] > 0 { print(1) }                     # error E0316: a condition is one bool, this is bool[2]
while 1 { break }                                # error E0316: a condition is one bool, this is i64
var run = 0
run = run + 1
let c = if run > 3 { 1.5 } else { [1.0] }        # error E0315: the branches have different types
let d = if run > 3 { 1.5 }                       # error E0403: an `if` without `else` has no value
let e = print(1)                                 # error E0403: this has no value
print("{c}{d}{e}{a}{b}{p}{q}{r}{s}")
print("text" + 1)                                # error E0301: `+` works on tensors, this is string
print(2**70)                                     # error E0318: this number is too large
print(5 // 0)                                    # error E0312: a number is divided by 0
