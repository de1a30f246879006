# A layer may use itself with other dimensions under a static `if`.

layer Tree[N](x: f32[B, E]) -> f32[B, E] {
  if N > 1 { x |> Tree[N//2] |> relu |> Tree[N//2] } else { x |> Dense[E] }
}

layer Pyramid(x: f32[B, W]) -> f32[B, 1] given W % 2 == 0 or W == 1 {
  if W == 1 { x } else { x |> Dense[W/2] |> tanh |> Pyramid }
}

model Net(x: f32[B, 8]) -> f32[B, 1] { x |> Tree[4] |> Pyramid }

let x = ones[2, 8]
print(Net(x))
let tree = Tree[2]
print(tree(x), tree.tree_1.dense_1.w, tree.tree_2.dense_1.b)
