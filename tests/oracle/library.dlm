## One step for each function and layer of the library; oracle.py computes the same with JAX (README.md).

# activations
step relu_of(x: f32[13]) -> f32[13] { relu(x) }
step leaky(x: f32[13]) -> f32[13] { leaky_relu[0.2](x) }
step elu_of(x: f32[13]) -> f32[13] { elu[0.7](x) }
step selu_of(x: f32[13]) -> f32[13] { selu(x) }
step gelu_of(x: f32[13]) -> f32[13] { gelu(x) }
step silu_of(x: f32[13]) -> f32[13] { silu(x) }
step mish_of(x: f32[13]) -> f32[13] { mish(x) }
step softplus_of(x: f32[13]) -> f32[13] { softplus(x) }
step relu6_of(x: f32[13]) -> f32[13] { relu6(5 * x) }
step hard_sigmoid_of(x: f32[13]) -> f32[13] { hard_sigmoid(2 * x) }
step hard_silu_of(x: f32[13]) -> f32[13] { hard_silu(2 * x) }
step hard_tanh_of(x: f32[13]) -> f32[13] { hard_tanh(x) }
step log_sigmoid_of(x: f32[13]) -> f32[13] { log_sigmoid(x) }
step softmax_of(x: f32[3, 5]) -> f32[3, 5] { softmax(x) }
step softmax_middle(x: f32[2, 4, 3]) -> f32[2, 4, 3] { softmax[1](x) }
step softmax_large(x: f32[2, 3]) -> f32[2, 3] { softmax(200 * x) }
step log_softmax_of(x: f32[3, 5]) -> f32[3, 5] { log_softmax[0](x) }
step logsumexp_of(x: f32[3, 5]) -> f32[5] { logsumexp[0](x) }

# small formulas
step lerp_of(x: f32[5], y: f32[5], t: f32) -> f32[5] { lerp(x, y, t) }
step clip_of(x: f32[13]) -> f32[13] { clip(x, -0.5, 1) }
step variance_two(x: f32[3, 4, 2]) -> f32[4] { variance[0, -1](x) }
step erfinv_of(x: f32[7]) -> f32[7] { erfinv(x) }

# layers
let dense = Dense[4]
let plain = Dense[4, bias=false]
step dense_of(x: f32[2, 3, 5]) -> f32[2, 3, 4] { dense(x) }
step dense_plain(x: f32[5]) -> f32[4] { plain(x) }
let embedding = Embedding[3]
step embedding_of(ids: index[6][2, 4]) -> f32[2, 4, 3] { embedding(ids) }
let conv1 = Conv1d[2, kernel=3, pad=1]
step conv1d(x: f32[2, 3, 7]) -> f32[2, 2, 7] { conv1(x) }
let conv2 = Conv2d[4, kernel=3, stride=2, pad=1, groups=2]
step conv2d(x: f32[2, 6, 7, 5]) -> f32[2, 4, 4, 3] { conv2(x) }
let conv2_plain = Conv2d[1, kernel=2, dilation=2, bias=false]
step conv2d_plain(x: f32[1, 2, 5, 4]) -> f32[1, 1, 3, 2] { conv2_plain(x) }
let wide_kernel = Conv2d[3, kernel=1, width=5, bias=false]
step conv2d_wide(x: f32[1, 2, 3, 7]) -> f32[1, 3, 3, 3] { wide_kernel(x) }
let conv3 = Conv3d[2, kernel=2]
step conv3d(x: f32[1, 2, 3, 4, 3]) -> f32[1, 2, 2, 3, 2] { conv3(x) }
let depthwise = DepthwiseConv2d[kernel=3, pad=1]
step depthwise_of(x: f32[2, 3, 4, 5]) -> f32[2, 3, 4, 5] { depthwise(x) }
let up = ConvTranspose2d[2, kernel=4, stride=2, pad=1]
step transposed_conv2d(x: f32[2, 3, 3, 4]) -> f32[2, 2, 6, 8] { up(x) }
step max_pool_of(x: f32[2, 2, 6, 5]) -> f32[2, 2, 3, 2] { max_pool[2](x) }
step avg_pool_of(x: f32[2, 2, 6, 5]) -> f32[2, 2, 3, 3] { avg_pool[3, stride=2, pad=1](x) }
step global_mean_of(x: f32[2, 3, 4, 5]) -> f32[2, 3] { global_mean(x) }
step global_max_of(x: f32[2, 3, 4, 5]) -> f32[2, 3] { global_max(x) }
let layer_norm = LayerNorm
step layer_norm_of(x: f32[2, 3, 5]) -> f32[2, 3, 5] { layer_norm(x) }
let rms_norm = RMSNorm
step rms_norm_of(x: f32[2, 5]) -> f32[2, 5] { rms_norm(x) }
let group_norm = GroupNorm[2]
step group_norm_of(x: f32[2, 6, 2, 3]) -> f32[2, 6, 2, 3] { group_norm(x) }
let batch_norm = BatchNorm
step batch_norm_of(x: f32[3, 4, 2, 1]) -> f32[3, 4, 2, 1] { batch_norm(x) }
let row_norm = BatchNorm[momentum=0.3]
step batch_norm_rows(x: f32[5, 3]) -> f32[5, 3] { row_norm(x) }
let one_norm = BatchNorm
step batch_norm_of_one(x: f32[1, 3]) -> f32[1, 3] { one_norm(x) }
let still_norm = BatchNorm
step batch_norm_still(x: f32[2, 3]) -> f32[2, 3] { still_norm[training=false](x) }
let twice_norm = BatchNorm[momentum=0.5]
step batch_norm_twice(x: f32[4, 2], y: f32[3, 2]) -> f32[3, 2] {
  twice_norm(y) + sum(twice_norm(x)[0])
}

# losses
step cross_entropy_of(x: f32[2, 3, 5], label: index[5][2, 3]) -> f32[2, 3] { cross_entropy(x, label) }
step mse_of(x: f32[2, 3], y: f32[2, 3]) -> f32[2, 3] { mse(x, y) }
step mae_of(x: f32[7], y: f32[7]) -> f32[7] { mae(x, y) }
step huber_of(x: f32[9], y: f32[9]) -> f32[9] { huber[0.75](x, y) }
step bce_of(x: f32[9], y: f32[9]) -> f32[9] { bce_logits(x, sigmoid(y)) }
step bce_scalar(x: f32[9]) -> f32 { mean(bce_logits(x, 1)) + mean(bce_logits(2 * x, 0)) }
step hinge_of(x: f32[9], y: f32[9]) -> f32[9] { hinge(x, sign(y)) }
step kl_of(x: f32[2, 4], y: f32[2, 4]) -> f32[2] { kl(log_softmax(x), log_softmax(y)) }

step cross_entropy_of_one(x: f32[5], label: index[5]) -> f32 { cross_entropy(x, label) }
step cross_entropy_large(x: f32[3, 2], label: index[2][3]) -> f32[3] { cross_entropy(100 * x, label) }
step softmax_of_one(x: f32[3, 1]) -> f32[3, 1] { softmax(x) }
step masked_softmax(x: f32[3, 3]) -> f32[3, 3] { softmax(where(causal_mask[3, 3], x, -inf)) }
step bce_far(x: f32[5]) -> f32[5] { bce_logits(50 * x, 0.25) }
step layer_norm_of_one(x: f32[3, 1]) -> f32[3, 1] { one_feature(x) }
let one_feature = LayerNorm

# figures, schedules
step accuracy_of(x: f32[6, 4], label: index[4][6]) -> f32 { accuracy(x, label) }
step confusion_of(x: f32[9, 4], label: index[4][9]) -> f32[4, 4] { confusion(argmax(x), label) }
step f1_of(c: f32[4, 4]) -> f32 { f1(c) }
step f1_of_classes(c: f32[4, 4]) -> f32[4] { f1_by_class(c) }
step cosine_schedule(t: i64) -> f32 { cosine[0.5, warmup=3, floor=0.1](t, 10) }
step cosine_rising(t: i64) -> f32 { cosine[0.5, warmup=5](t, 10) }
step linear_schedule(t: i64) -> f32 { linear[0.5, warmup=3, floor=0.1](t, 10) }
step linear_rising(t: i64) -> f32 { linear[0.5, warmup=8](t, 10) }
step staircase_schedule(t: i64) -> f32 { staircase[0.5, every=3, factor=0.5](t) }

# masks, pictures
step mask(x: f32[2, 4]) -> f32[2, 4] { where(causal_mask[2, 4], x, 0) }
step shifted(x: f32[2, 3, 4, 5]) -> f32[2, 3, 4, 5] { random_shift[0](x) }
step shifted_out -> f32[64, 1, 8, 8] { random_shift[2](ones[64, 1, 8, 8]) }
step flipped(x: f32[2, 3, 2, 5]) -> f32[2, 3, 2, 5] { random_flip[1](x) }

# draws: their distribution
step categorical_of -> i64[4096] { categorical[4096]([0.0, 1.0, -inf, 2.0]) }
step dropout_of -> f32[4096] { dropout[0.25](ones[4096]) }
step dropout_still(x: f32[5]) -> f32[5] { dropout[0.25, training=false](x) }
step uniform_of -> f32[4096] { uniform[4096](-1, 3) }
step normal_of -> f32[4096] { normal[4096](2, 0.5) }
step truncated_normal_of -> f32[4096] { truncated_normal[4096] }
step glorot_of -> f32[32, 64] { glorot }
step he_of -> f32[32, 64] { he }
step lecun_of -> f32[32, 64] { lecun }
step kernels_of -> f32[16, 8, 4, 4] { kernels }
step orthogonal_of -> f32[5, 5] {
  let q = reshape[15, 5](orthogonal[3, 5, 5])
  transpose(q) @ q
}
step orthogonal_wide -> f32[4, 4] {
  let q = orthogonal[4, 9]
  q @ transpose(q)
}

# optimizers, several steps of each on one model
model Line(x: f32[_, 3]) { x |> Dense[2] as out }
fn distance(x: f32[B, 3], y: f32[B, 2]) -> f32 { mean((Line(x) - y)**2) }
step sgd_plain(x: f32[5, 3], y: f32[5, 2]) { minimize distance(x, y) using sgd[lr=0.1] }
step sgd_momentum(x: f32[5, 3], y: f32[5, 2]) {
  minimize distance(x, y) using sgd[lr=0.1, momentum=0.9, decay=0.01]
}
step sgd_nesterov(x: f32[5, 3], y: f32[5, 2]) {
  minimize distance(x, y) using sgd[lr=0.1, momentum=0.9, nesterov=true]
}
step adam_of(x: f32[5, 3], y: f32[5, 2]) { minimize distance(x, y) using adam[lr=0.1, beta1=0.8] }
step adamw_of(x: f32[5, 3], y: f32[5, 2]) { minimize distance(x, y) using adamw[lr=0.1, decay=0.1] }
step rmsprop_of(x: f32[5, 3], y: f32[5, 2]) { minimize distance(x, y) using rmsprop[lr=0.05, momentum=0.5] }
step adagrad_of(x: f32[5, 3], y: f32[5, 2]) { minimize distance(x, y) using adagrad[lr=0.1] }
step clip_norm_of(x: f32[5, 3], y: f32[5, 2]) { minimize distance(x, y) using clip_norm[0.1] |> sgd[lr=0.1] }
