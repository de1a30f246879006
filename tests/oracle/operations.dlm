## One step for each operation of the language; oracle.py computes the same with JAX (README.md).

# elementwise, with broadcasting, sizes of 1 and odd ones
step add(x: f32[3, 1, 5], y: f32[1, 5]) -> f32[3, 1, 5] { x + y }
step subtract(x: f32[2, 3], y: f32[2]) -> f32[2, 3] { x - y[_, new] }
step multiply(x: f32[7], y: f32) -> f32[7] { x * y }
step divide(x: f32[3, 5], y: f32[5]) -> f32[3, 5] { x / y }
step floor_divide(x: f32[11], y: f32[11]) -> f32[11] { x // y }
step floor_divide_whole(x: i64[11], y: i64[11]) -> i64[11] { x // y }
step modulo(x: f32[11], y: f32[11]) -> f32[11] { x % y }
step modulo_whole(x: i64[11]) -> i64[11] { x % -3 }
step power(x: f32[9], y: f32[9]) -> f32[9] { x**y }
step power_whole(x: f32[9]) -> f32[9] { x**3 + x**-2 + x**2 + x**0.5 }
step negate_it(x: f32[2, 3]) -> f32[2, 3] { -x }
step compare(x: i64[9], y: i64[9]) -> i64[9] {
  (x == y) + 2 * (x != y) + 4 * (x < y) + 8 * (x <= y) + 16 * (x > y) + 32 * (x >= y)
}
step compare_reals(x: f32[9], y: f32[9]) -> bool[9] { x < y or x == y }
step logic(x: i64[9], y: i64[9]) -> bool[9] { (x > 0 and y > 0) or not (x > y) }
step choose(c: bool[4, 1], x: f32[4, 3], y: f32[3]) -> f32[4, 3] { where(c[_, 0][_, new], x, y) }
step smaller(x: f32[13], y: f32[13]) -> f32[13] { minimum(x, y) }
step larger(x: f32[13], y: f32[13]) -> f32[13] { maximum(x, y) }
step absolute(x: f32[13]) -> f32[13] { abs(x) }
step sign_of(x: f32[13]) -> f32[13] { sign(x) * x }
step square_root(x: f32[13]) -> f32[13] { sqrt(x) }
step exponential(x: f32[13]) -> f32[13] { exp(x) }
step exponential_less_one(x: f32[13]) -> f32[13] { expm1(x) }
step logarithm(x: f32[13]) -> f32[13] { log(x) }
step logarithm_of_more(x: f32[13]) -> f32[13] { log1p(x) }
step hyperbolic(x: f32[13]) -> f32[13] { tanh(x) }
step logistic(x: f32[13]) -> f32[13] { sigmoid(x) }
step error_function(x: f32[13]) -> f32[13] { erf(x) }
step sine(x: f32[13]) -> f32[13] { sin(x) }
step cosine_of(x: f32[13]) -> f32[13] { cos(x) }
step rounded_down(x: f32[13]) -> f32[13] { floor(x) }
step rounded(x: f32[13]) -> f32[13] { round(x) }
step stopped(x: f32[13]) -> f32[13] { x * detach(x) }
step widened(x: u8[5], y: f32[5]) -> f32[5] { x / 4 + y * x }
step a_branch(x: f32[3, 2], flag: bool) -> f32[3, 2] { if flag { x * x } else { 3 * x } }
step chained(x: f32[3, 5], y: f32[5, 2]) -> f32[3] {
  let h = tanh(x @ y)
  sum[1](h * h / (1 + exp(-h)))
}

# products
step matrix_matrix(x: f32[5, 7], y: f32[7, 3]) -> f32[5, 3] { x @ y }
step matrix_vector(x: f32[5, 7], y: f32[7]) -> f32[5] { x @ y }
step vector_matrix(x: f32[7], y: f32[7, 3]) -> f32[3] { x @ y }
step vector_vector(x: f32[7], y: f32[7]) -> f32 { x @ y }
step matrix_one(x: f32[1, 1], y: f32[1, 3]) -> f32[1, 3] { x @ y }
step matrix_batches(x: f32[2, 1, 5, 3], y: f32[2, 4, 3, 2]) -> f32[2, 4, 5, 2] { x[_, 0][_, new] @ y }
step matrix_over_leading(x: f32[2, 3, 5], y: f32[5, 4]) -> f32[2, 3, 4] { x @ y }

step einsum_attention(q: f32[2, 3, 2, 4], k: f32[2, 5, 2, 4]) -> f32[2, 2, 3, 5] { einsum["bthd,bshd->bhts"](q, k) }
step einsum_product(x: f32[2, 3], y: f32[3, 4]) -> f32[4, 2] { einsum["ij,jk->ki"](x, y) }
step einsum_outer(x: f32[3], y: f32[4]) -> f32[3, 4] { einsum["i,j->ij"](x, y) }
step einsum_summed(x: f32[3, 4], y: f32[4]) -> f32[3] { einsum["ij,k->i"](x, y) }
step einsum_inner(x: f32[3, 4], y: f32[3, 4]) -> f32 { einsum["ij,ij->"](x, y) }
step einsum_turned(x: f32[2, 3, 4]) -> f32[4, 2] { einsum["ijk->ki"](x) }

# windows
step convolve(x: f32[2, 3, 7, 6], w: f32[4, 3, 3, 3]) -> f32[2, 4, 4, 3] { convolution[stride=2, pad=1](x, w) }
step convolve_groups(x: f32[2, 4, 6, 5], w: f32[6, 2, 2, 2]) -> f32[2, 6, 5, 4] { convolution[groups=2](x, w) }
step convolve_dilated(x: f32[1, 2, 7, 7], w: f32[1, 2, 3, 2]) -> f32[1, 1, 3, 5] { convolution[dilation=2](x, w) }
step convolve_spread(x: f32[2, 2, 3, 3], w: f32[3, 2, 4, 4]) -> f32[2, 3, 6, 6] {
  convolution[spread=2, pad=2](x, w)[.., 0..6, 0..6][.., 0..6]
}
step convolve_sequence(x: f32[2, 3, 9], w: f32[2, 3, 4]) -> f32[2, 2, 4] { convolution[stride=2, pad=1](x, w) }
step convolve_volume(x: f32[1, 2, 4, 3, 3], w: f32[3, 2, 2, 3, 1]) -> f32[1, 3, 3, 1, 3] { convolution(x, w) }
step largest_of_windows(x: f32[2, 2, 7, 6]) -> f32[2, 2, 4, 3] { window_max[kernel=3, stride=2, pad=1](x) }
step sum_of_windows(x: f32[2, 2, 7, 6]) -> f32[2, 2, 4, 3] { window_sum[kernel=3, stride=2, pad=1](x) }

# reductions
step sum_all(x: f32[3, 4, 5]) -> f32 { sum(x) }
step sum_middle(x: f32[3, 4, 5]) -> f32[3, 5] { sum[1](x) }
step sum_two(x: f32[3, 4, 5]) -> f32[4] { sum[0, -1](x) }
step sum_kept(x: f32[3, 2]) -> f32[3, 2] { x - sum[1, keep=true](x) }
step sum_over_one(x: f32[3, 1, 2]) -> f32[3, 2] { sum[1](x) }
step sum_whole(x: i64[3, 4]) -> i64[4] { sum[0](x) }
step mean_of(x: f32[3, 4, 5]) -> f32[3] { mean[1, 2](x) }
step max_of(x: f32[3, 4, 5]) -> f32[3, 5] { max[1](x) }
step min_of(x: f32[3, 4, 5]) -> f32 { min(x) }
step any_of(x: i64[3, 4]) -> bool[4] { any[0](x > 2) }
step all_of(x: i64[3, 4]) -> bool[3] { all[1](x > -3) }
step std_of(x: f32[3, 5]) -> f32 { std(x) }
step std_two(x: f32[3, 4, 2]) -> f32[4] { std[0, -1](x) }
step sums_so_far(x: f32[3, 5]) -> f32[3, 5] { cumsum(x) }
step sums_down(x: f32[4, 3]) -> f32[4, 3] { cumsum[0](x) }
step sorted_of(x: f32[3, 7]) -> f32[3, 7] { sort(x) }
step sorted_down(x: f32[5, 2]) -> f32[5, 2] { sort[0, descending=true](x) }
step order_of(x: f32[3, 7]) -> index[7][3, 7] { argsort(x) }
step largest_three(x: f32[2, 7]) -> (f32[2, 3], index[7][2, 3]) { top_k[3](x) }
step argmax_of(x: f32[3, 7]) -> index[7][3] { argmax(x) }
step argmin_of(x: f32[3, 7]) -> index[3][7] { argmin[0](x) }

# shapes
step reshaped(x: f32[3, 4]) -> f32[2, 6] { reshape[2, 6](x) }
step flattened(x: f32[3, 2, 2]) -> f32[3, 4] { flatten(x) }
step transposed(x: f32[2, 3, 4]) -> f32[4, 2, 3] { transpose[2, 0, 1](x) }
step transposed_last(x: f32[2, 3, 4]) -> f32[2, 4, 3] { transpose(x) }
step joined(x: f32[2, 3], y: f32[2, 1]) -> f32[2, 7] { concat[1](x, y, x) }
step stacked(x: f32[2, 3], y: f32[2, 3]) -> f32[2, 2, 3] { stack[1](x, y) }
step unstacked(x: f32[2, 3, 4]) -> f32[2, 4] {
  let a, b, c = unstack[1](x)
  a * b - c
}
step reversed_axis(x: f32[2, 5]) -> f32[2, 5] { reverse[1](x) }

step padded(x: f32[3, 2], v: f32) -> f32[5, 6] { pad[0, low=2](pad[1, low=1, high=3](x, 5), v) }
step padded_with_nothing(x: f32[3, 2]) -> f32[3, 4] { pad[1, high=2](x) }

# indexing
step one_row(x: f32[3, 4]) -> f32[4] { x[1] }
step from_the_end(x: f32[3, 4]) -> f32[3] { x[.., -1] }
step a_range(x: f32[3, 6]) -> f32[3, 3] { x[_, 1..4] }
step a_moving_range(x: f32[6, 2], k: i64) -> f32[3, 2] { x[k..k + 3] }
step new_axes(x: f32[3, 2]) -> f32[3, 1, 2] { x[_, new] }
step gathered(table: f32[5, 3], ids: index[5][2, 4]) -> f32[2, 4, 3] { table[ids] }
step gathered_last(x: f32[3, 5], ids: index[5][4]) -> f32[3, 4] { x[_, ids] }
step pairs(x: f32[3, 5], ids: index[5][3]) -> f32[3] { x[iota[3], ids] }
step part_replaced(x: f32[4, 3], v: f32[3]) -> f32[4, 3] {
  var y = x * x
  y[1] = v
  y[2..4, 0] = v[0..2]
  y
}
step rows_replaced(x: f32[5, 2], v: f32[3, 2], ids: index[5][3]) -> f32[5, 2] {
  var y = x
  y[ids] = v
  y
}
step sums_by_segment(v: f32[6, 2], ids: index[4][6]) -> f32[4, 2] { segment_sum[4](v, ids) }

# sizes that are known when running
step batch_of_three(x: f32[B, 2]) -> f32[2] { sum[B](x) * B }
step batch_of_none(x: f32[B, 2]) -> f32[2] { sum[0](x) }

# creation
step constants(x: f32[2]) -> f32[2] { full[2](0.5) * x + zeros[2] + ones[2] }
step counting(x: f32[4]) -> f32[4] { x * iota[4] }
step a_literal(x: f32[2, 2]) -> f32[2, 2] { x @ [[1.0, -2.0], [0.5, 3.0]] }
step draws_uniform -> f32[4096] { uniform01[4096] }
step draws_whole -> i64[4096] { randint[7, 4096] }

# records of weights
model Pair(x: f32[_, 3]) { x |> Dense[2] as out }
model Wide(x: f32[_, 32]) { x |> Dense[64, bias=false] }
step record_total(x: f32[1, 3]) -> f32 { total(Pair**2) + sum(Pair(x)) }
step record_flat(x: f32[8]) -> f32[8] { flat(Pair) * x }
step record_like(v: f32[8], x: f32[4, 3]) -> f32[4, 2] {
  let r = like(Pair, v)
  r(x)
}
step record_fresh -> f32[2048] { flat(fresh(Wide)) }
step gradient_by_record(x: f32[4, 3]) -> f32[8] { flat(grad(mean(Pair(x)**2), Pair)) }

# a derivative of one's own
fn bent(x: f32[..]) -> f32[..] { x**3 } gradient(dy) { 7 * dy * x }
step own_derivative(x: f32[9]) -> f32[9] { bent(x) }

# nothing, one, all of it, repeats
step product_of_nothing(x: f32[0, 3], y: f32[3, 2]) -> f32[0, 2] { x @ y }
step product_over_nothing(x: f32[2, 0], y: f32[0, 3]) -> f32[2, 3] { x @ y }
step sum_of_nothing(x: f32[3, 0]) -> f32[3] { sum[1](x) }
step padded_nothing(x: f32[2, 0]) -> f32[2, 3] { pad[1, high=3](x, 7) }
step joined_with_nothing(x: f32[2, 0], y: f32[2, 3]) -> f32[2, 3] { concat[1](x, y) }
step scalars(x: f32, y: f32) -> f32 { x * y + x / y - exp(x) }
step product_over_one(x: f32[4, 1], y: f32[1, 3]) -> f32[4, 3] { x @ y }
step convolve_whole(x: f32[2, 2, 3, 3], w: f32[3, 2, 3, 3]) -> f32[2, 3, 1, 1] { convolution(x, w) }
step convolve_points(x: f32[2, 3, 4, 5], w: f32[5, 3, 1, 1]) -> f32[2, 5, 2, 2] { convolution[stride=3](x, w) }
step convolve_far(x: f32[1, 1, 2, 2], w: f32[1, 1, 3, 3]) -> f32[1, 1, 6, 6] { convolution[pad=3](x, w) }
step windows_of_negatives(x: f32[1, 2, 4, 5]) -> f32[1, 2, 3, 3] { window_max[kernel=2, stride=2, pad=1](x) }
step windows_of_sequences(x: f32[2, 3, 7]) -> f32[2, 3, 3] { window_sum[kernel=3, stride=2](x) }
step gathered_again(table: f32[5, 3], ids: index[5][6]) -> f32[6, 3] { table[ids] * table[ids] }
step square_sizes(x: f32[3, 3], y: f32[3, 3]) -> f32[3, 3] { x @ transpose(y) + sum[0](x * y) + sum[1](x)[_, new] }
step wide_row(x: f32[1, 67]) -> f32[1] { sum[1](x * x) + max[1](x) }
step tall_column(x: f32[67, 1]) -> f32[1] { sum[0](x * x) + mean[0](x) }
step long_columns(x: f32[260], y: f32[64]) -> f32[64] { sum[0](softmax(x[_, new] * y[new, _])) }
step seventeen(x: f32[17, 19], y: f32[19, 23]) -> f32[17, 23] { tanh(x @ y) }

# infinities and what is no number
step special_values(x: f32[8], y: f32[8]) -> (f32[8], f32[8], f32[8], f32[8], f32[8], bool[8], bool[8]) {
  (x + y, x * y, maximum(x, y), minimum(x, y), x / y, x < y, x == y)
}
step special_functions(x: f32[6]) -> (f32[6], f32[6], f32[6], f32[6], f32[6], f32[6]) {
  (exp(x), tanh(x), sigmoid(x), erf(x), abs(x), log(abs(x)))
}
step special_reductions(x: f32[3, 4]) -> (f32[3], index[4][3], f32[2], f32[2]) {
  (sum[1](x), argmax[1](x), max[1](x[1..3]), min[1](x[1..3]))
}
