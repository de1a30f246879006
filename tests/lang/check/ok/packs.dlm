## Declarations that hold for all packs, and those where a use decides.

fn kept(x: f32[B, ..S], y: f32[..S]) -> f32[B, ..S] { x + y }
fn joined(x: f32[..], y: f32[..]) -> f32[..] { x * y }
fn first(x: f32[_, ..S]) -> f32[..S] { x[0] }
fn row(x: f32[..S]) -> f32[1, ..S] { x[new] }
fn front(x: f32[..S, T]) -> f32[T, ..S] { if rank(S) == 0 { x } else { reshape[T, ..S](x) } }
fn back(x: f32[..S, T]) -> f32[T, ..S] { if rank(S) > 0 { reshape[T, ..S](x) } else { x } }
print(kept(ones[2, 3], ones[3]), joined(ones[2, 3], ones[3]), first(ones[2, 3]), row(ones[3]))
print(front(ones[3]), front(ones[2, 3]), back(ones[3]), back(ones[2, 3]))
