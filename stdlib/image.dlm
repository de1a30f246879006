## Pictures: changes that make new examples of old ones. In training alone; elsewhere the picture comes out as it is.

## Every picture moved by up to `n` pixels up or down and left or right, 0 where nothing comes from.
fn random_shift[n: i64](x: f32[B, C, H, W]) -> f32[B, C, H, W] {
  if training {
    let row = iota[H] + (randint[2 * n + 1, B] - n)[_, new]
    let column = iota[W] + (randint[2 * n + 1, B] - n)[_, new]
    let inside = (row >= 0 and row < H)[_, _, new] and (column >= 0 and column < W)[_, new, _]
    let i = index[H](clip(row, 0, H - 1))
    let j = index[W](clip(column, 0, W - 1))
    let moved = transpose[0, 3, 1, 2](x[iota[B][_, new, new], _, i[_, _, new], j[_, new, _]])
    where(inside[_, new, _, _], moved, 0)
  } else {
    x
  }
}

## Every picture mirrored, left against right, with probability `rate`.
fn random_flip[rate: f32 = 0.5](x: f32[B, C, H, W]) -> f32[B, C, H, W] {
  if training {
    where(uniform01[B][_, new, new, new] < rate, reverse[3](x), x)
  } else {
    x
  }
}
