## Learning rates that depend on the step `t` (from 1) and the number of steps planned.

## Up to `peak` in `warmup` steps, then down to `floor` along half a cosine (Loshchilov and Hutter 2017).
fn cosine[peak: f32, warmup: i64 = 0, floor: f32 = 0.0](t: i64, total: i64) -> f32 {
  let rise = peak * t / maximum(warmup, 1)
  let done = clip((t - warmup) / maximum(total - warmup, 1), 0.0, 1.0)
  where(t < warmup, rise, floor + 0.5 * (peak - floor) * (1 + cos(pi * done)))
}

## Up to `peak` in `warmup` steps, then straight down to `floor` (Goyal et al. 2017).
fn linear[peak: f32, warmup: i64 = 0, floor: f32 = 0.0](t: i64, total: i64) -> f32 {
  let rise = peak * t / maximum(warmup, 1)
  let done = clip((t - warmup) / maximum(total - warmup, 1), 0.0, 1.0)
  where(t < warmup, rise, peak + (floor - peak) * done)
}

## `peak`, times `factor` after every `every` steps.
fn staircase[peak: f32, every: i64, factor: f32 = 0.1](t: i64) -> f32 {
  peak * factor**((t - 1) // every)
}
