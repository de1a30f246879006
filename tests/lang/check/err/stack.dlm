# Mistakes with `Stack`.

layer Narrow[Out](x: f32[B, _]) -> f32[B, Out] { x |> Dense[Out] }
layer Same(x: f32[B, N]) -> f32[B, N] { x |> Dense[N] }

model Changing(x: f32[B, 8]) -> f32[B, 4] {
  x |> Stack[3, Narrow[4]] # error E0434: a block of this `Stack` takes f32[B, 8] and gives f32[B, 4]
}

model Rank(x: f32[B, 8]) -> f32[B, 8] {
  x |> Stack[3, Rise] # error E0434: takes f32[B, 8] and gives f32[B, 8, 1]
}
layer Rise(x: f32[B, N]) -> f32[B, N, 1] { reshape[B, N, 1](x |> Dense[N]) }

model Function(x: f32[B, 8]) -> f32[B, 8] {
  x |> Stack[3, relu] # error E0433: `Stack` repeats a layer, and this is a function
}

model Instance(x: f32[B, 8]) -> f32[B, 8] {
  let one = Dense[8]
  x |> Stack[3, one] # error E0433: this is one instance
}

model Empty(x: f32[B, 8]) -> f32[B, 8] {
  x |> Stack[3] # error E0433: `Stack` takes a number of blocks and a layer in brackets
}

model Swapped(x: f32[B, 8]) -> f32[B, 8] {
  x |> Stack[Same, 3] # error E0311: a size is wanted here
}

model Negative(x: f32[B, 8]) -> f32[B, 8] {
  x |> Stack[0 - 1, Same] # error E0433: a `Stack` has 0 to 65536 blocks, this is -1
}

model Outside(x: f32[B, 8]) -> f32[B, 8] {
  let blocks = Stack[3, Same]
  blocks[3](x) + blocks[0](x) # error E0435: `blocks` has 3 blocks, from 0 to 2; this is 3
}

model Plain(x: f32[B, 8]) -> f32[B, 8] {
  let one = Dense[8]
  one[0](x) # error E0435: `one` is one instance: it has no [i]
}

model Running(x: f32[B, 8], at: i64) -> f32[B, 8] {
  let blocks = Stack[3, Same]
  blocks[at](x) # error E0435: which block it is must be known when compiling
}

model Copies(x: f32[B, 8]) -> f32[B, 8] {
  var h = x
  repeat _ in 0..2 {
    let own = Dense[8]
    h = own(h)
  }
  h
}
print(Copies.own(ones[1, 8])) # error E0433: these are the 2 copies of a repeat

fn free(x: f32[B, 8]) -> f32[B, 8] {
  x |> Stack[3, Same] # error E0405: `Stack` would make new weights here
}

step batch_deep(x: f32[B, 8]) {
  let net = Stack[B, Same] # error E0405: would make new weights here
  report loss = mean(x)
}

layer Walk(x: f32[B, 8]) -> f32[B, 8] {
  let one = Dense[8]
  var h = one(x)
  for block in one { h = block(h) } # error E0301: a `for` runs over the blocks of a `Stack`, this is Dense
  h
}
let outer = Stack[2, Same]
for block in outer { print(block(ones[1, 8])) } # error E0401: a `for` over the blocks of a `Stack` stands in compiled code
step chosen(v: f32[B, 8], i: i64) {
  minimize mean(outer(v)) over outer[i] using sgd[lr=0.1] # error E0435: in a path a block is chosen by one number
}
chosen(ones[1, 8], 0)
