fn turn(x: f32[..S, T]) -> f32[T, ..S] { x }     # error E0301: the result of `turn` is f32[T, ..S], this is f32[..S, T]
fn other(x: f32[..S], y: f32[..R]) -> f32[..S] { y + sum(x) }  # error E0301: the result of `other` is f32[..S], this is f32[..R]
fn folded(x: f32[..S]) -> f32[..S] { sum(x) }    # error E0301: the result of `folded` is f32[..S], this is f32
fn longer(x: f32[B, ..S]) -> f32[..S] { x + sum[B](x) }  # error E0301: the result of `longer` is f32[..S], this is f32[B, ..S]
fn plain(x: f32[..], y: f32[..S]) -> f32[..] { y + sum(x) }    # error E0301: the result of `plain` is f32[..], this is f32[..S]
layer Turned(x: f32[B, ..S]) -> f32[..S, B] { x }  # error E0301: the result of `Turned` is f32[..S, B], this is f32[B, ..S]
print(turn(ones[2, 2]))                           # a broken function says nothing more
