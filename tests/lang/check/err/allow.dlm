## Warnings that a comment silences, and comments that silence nothing.

fn quiet(x: f32[N, T]) -> f32 { sum(x) / N } # allow W0209: T tells the reader what the axis is

# allow W0209: the line below; blank lines and comments in between do not count

# another comment
fn below(x: f32[N, T]) -> f32 { sum(x) / N }

# allow W0209, W0216: several codes, of which the second has nothing to do
# warning at 10 W0216: line 12 has no warning W0216 to allow
fn two(x: f32[N, T]) -> f32 { sum(x) / N }

fn loud(x: f32[N, T]) -> f32 { sum(x) / N } # allowed by nobody; warning W0209

# warning at 14 W0209: the dimension `T` is named and never used again
fn no_reason(x: f32[N, T]) -> f32 { sum(x) / N } # allow W0209:

# warning at 17 W0215: this `allow` gives no reason
# fix: say why it is right here: `# allow W0209: ...`

fn nothing(x: f32[N, _]) -> f32 { sum(x) / N } # allow W0209: was needed once

# warning at 22 W0216: line 22 has no warning W0209 to allow

fn error(x: f32[N, _]) -> f32 { sum(x) / N } # allow E0302: errors stay

# warning at 26 W0216: E0302 is an error: only warnings can be allowed
