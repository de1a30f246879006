# Functions, layers and optimizers as static parameters, and pipes as values.

option slope: f32 = 0.2

fn leaky[a: f32](x: f32[..]) -> f32[..] { where(x > 0, x, a*x) }
fn center(x: f32[B, N]) -> f32[B, N] { x - mean[N, keep=true](x) }

# by signature: the generic check knows what it gives
layer Mlp[H, act: fn(x: f32[..]) -> f32[..] = tanh](x: f32[B, N]) -> f32[B, N] {
  act(x |> Dense[H] |> act |> Dense[N])
}

layer Rows[rule: fn(x: f32[B, N]) -> f32[B, N]](x: f32[K, M]) -> f32[K, M] { rule(x) + rule(x) }

# a layer by signature: each naming has its own weights
layer Gate(x: f32[B, _], h: f32[B, H]) -> f32[B, H] { tanh((x |> Dense[H]) + (h |> Dense[H, bias=false])) }

layer Twice[Cell: layer(x: f32[B, In], h: f32[B, H]) -> f32[B, H]](x: f32[B, _], h: f32[B, M]) -> f32[B, M] {
  let cell = Cell
  cell(x, cell(x, h)) + Cell(x, h)
}

# without a signature: found at each use
layer Residual[L: layer](x: f32[B, N]) -> f32[B, N] { x + (x |> L) }
layer Shared[L: layer](x: f32[B, N]) -> f32[B, N] {
  let inner = L
  x |> inner |> inner
}
layer Passed[L: layer, act: fn(x: f32[..]) -> f32[..]](x: f32[B, N]) -> f32[B, N] { act(x |> Residual[L] |> Shared[L]) }
fn apply[f: fn(x: f32[..]) -> f32[..]](x: f32[..]) -> f32[..] { f(f(x)) }

# a function given in brackets may use what its place sees
layer Scaled[k: f32](x: f32[B, N]) -> f32[B, N] {
  let s = mean(x) * k
  x |> Mlp[4, act=leaky[s]] |> apply[leaky[k]] |> Residual[Mlp[2, leaky[s]]]
}

# pipes: of functions, and of layers, which is one instance
model Pipes(x: f32[B, 8]) -> f32[B, 8] {
  let soft = leaky[0.1] |> tanh
  let mlp = Dense[4] |> relu |> Dense[8]
  let bias = x * 0.5
  let shifted = Dense[8] |> maximum(bias) |> soft
  x |> mlp |> mlp |> soft |> shifted |> Residual[Dense[3] |> tanh |> Dense[8]] |> Residual[mlp]
}

let net = Dense[16] |> relu |> Dense[8]
let f = relu |> tanh
let g = sigmoid
let x = ones[2, 8]

print(x |> net |> f |> g, net.dense_2.b)
let mlp = Mlp[4]
let sharp = Mlp[4, leaky[slope]]
let rows = Rows[center]
let soft_rows = Rows[softmax]
let twice = Twice[Gate]
let residual = Residual[Dense[8]]
let deep = Residual[Residual[Mlp[4, act=relu |> tanh]]]
let passed = Passed[Dense[8], sigmoid]
let scaled = Scaled[0.5]
let tower = Stack[3, Dense[8] |> relu]
let again = Residual[net]
print(mlp(x), sharp(x), rows(x), soft_rows(x), twice(x, x), residual(x), deep(x), passed(x), scaled(x), tower(x), again(x))
print(apply[leaky[slope]](x), Pipes(x), Pipes.mlp.dense_1.w, twice.cell.dense_1.w, tower[2].dense_1.b)
