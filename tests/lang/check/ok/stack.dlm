# `Stack[n, Block]`: equal blocks one behind the other.

option Depth: dim = 3
dim Deep = 200

layer Block[N](x: f32[B, T, E]) -> f32[B, T, E] given E % N == 0 {
  x + (x |> Dense[4*E] |> relu |> Dense[E] |> dropout[0.1])
}

layer Masked(x: f32[B, T, E], mask: bool[T], scale: f32 = 1) -> f32[B, T, E] {
  where(mask[_, new], x |> Dense[E], x) * scale
}

model Pipe(x: f32[B, T, 8]) -> f32[B, T, 8] { x |> Stack[Depth, Block[2]] }

model Named(x: f32[B, T, 8], mask: bool[T]) -> f32[B, T, 8] {
  let blocks = Stack[4, Masked]
  let h = x |> blocks(mask) |> blocks(mask, scale=0.5)
  blocks(x, mask=mask) + h
}

# 200 blocks share one elaboration
model Tall(x: f32[B, T, 8]) -> f32[B, T, 8] { x |> Stack[Deep, Block[4]] }

# stacks in stacks, a stack as argument, blocks that are pipes
layer Twice[L: layer](x: f32[B, T, E]) -> f32[B, T, E] { x |> L |> L }
model Nested(x: f32[B, T, 8]) -> f32[B, T, 8] {
  x |> Stack[2, Stack[2, Block[1]]] |> Twice[Stack[2, Block[2]]] |> Stack[2, Twice[Block[8]]]
}

# depth and block are static parameters: checked once for any
layer Encoder[N, H](x: f32[B, T, E]) -> f32[B, T, E] given E % H == 0 {
  let blocks = Stack[N, Block[H]]
  blocks(x) |> Dense[E]
}

let blocks = Stack[3, Block[2]]
let x = ones[2, 5, 8]
let mask = [true, false, true, true, false]
print(Pipe(x), Named(x, mask), Tall(x), Nested(x), blocks(x))
print(blocks[0](x), blocks[2].dense_1.w, blocks[-1].dense_2.b, Named.blocks[3].dense_1.w)
repeat block in blocks { print(block(x)) }
repeat i in 0..3 { print(sum(blocks[i].dense_1.w)) }
let encoder = Encoder[2, 4]
print(encoder(x), encoder.blocks[1].dense_1.b)

step learn(v: f32[B, 5, 8]) {
  minimize mean(Pipe(v)**2) over Pipe using sgd[lr=0.1]
}
learn(x)

# a `for` over the blocks beside a tensor; paths with [i]
layer Cached(x: f32[B, N], past: f32[B, N]) -> f32[B, N] { tanh((x |> Dense[N]) + past) }
model Loop(x: f32[B, 8], cache: f32[3, B, 8]) -> (f32[B, 8], f32[3, B, 8]) {
  let blocks = Stack[3, Cached]
  var h = x
  let now = for block, past in blocks, cache {
    h = block(h, past)
    yield h
  }
  (h, now)
}
step part(v: f32[B, 8]) {
  let y, _ = Loop(v, zeros[3, B, 8])
  minimize mean(y**2) over Loop.blocks[1] using sgd[lr=0.1], Loop.blocks[0].dense_1.w using sgd[lr=0.2]
}
part(ones[2, 8])
step each(v: f32[B, 5, 8]) {
  repeat block in blocks { minimize mean(block(v)**2) over block using sgd[lr=0.1] }
}
each(x)
