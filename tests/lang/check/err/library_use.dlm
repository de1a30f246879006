## Wrong use of the library is told in terms of the call.

let x = zeros[2, 6, 5, 5]
let group = GroupNorm[4]
print("{group(x)}")                    # error E0308: `GroupNorm` needs `C % G == 0`
print("{std[4](x)}")                   # error E0306: has no axis 4
fn f[a: axes](x: f32[..]) { x + a }    # error E0206: `a` is a list of axes
print("{f[1](x)}")
let odd = Conv2d[5, kernel=3, groups=3]
print("{odd(x)}")                      # error E0308: `Conv2d` needs `Out % groups == 0`
print("{global_mean(x[0, 0, 0])}")     # error E0307: has at least 2 axes, this has 1
print("{bce_logits(x, 1)[0, 0, 0, 0]}")
