## Small formulas over tensors.

## a where t is 0, b where it is 1.
fn lerp(a: float[..], b: float[..], t: float[..]) -> float[..] { a + t * (b - a) }

## x between low and high.
fn clip(x: float[..], low: float[..], high: float[..]) -> float[..] { minimum(maximum(x, low), high) }

## The mean squared distance from the mean over the axes, of all of them where none is named.
fn variance[a: axes](x: float[..]) { mean[a]((x - mean[a, keep=true](x))**2) }
