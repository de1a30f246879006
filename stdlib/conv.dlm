## Convolutions and windows (LeCun et al. 1998). A spatial size H becomes (H + 2*pad - (kernel - 1)*dilation - 1)//stride + 1.

## Slides `Out` kernels over pictures [B, In, H, W], a bias for each; `groups` cuts channels and kernels into parts that
## do not see each other. Kernels are square unless `width` says otherwise.
layer Conv2d[
  Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, dilation: i64 = 1, groups: i64 = 1, bias: bool = true, width: i64 = kernel
](x: f32[_, In, _, _]) given In % groups == 0, Out % groups == 0 {
  param w: f32[Out, In / groups, kernel, width] ~ kernels
  let y = convolution[stride=stride, pad=pad, dilation=dilation, groups=groups](x, w)
  if bias {
    param b: f32[Out] ~ zeros
    y + b[_, new, new]
  } else {
    y
  }
}

## The same over sequences [B, In, T].
layer Conv1d[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, dilation: i64 = 1, groups: i64 = 1, bias: bool = true](
  x: f32[_, In, _]
) given In % groups == 0, Out % groups == 0 {
  param w: f32[Out, In / groups, kernel] ~ kernels
  let y = convolution[stride=stride, pad=pad, dilation=dilation, groups=groups](x, w)
  if bias {
    param b: f32[Out] ~ zeros
    y + b[_, new]
  } else {
    y
  }
}

## The same over volumes [B, In, D, H, W].
layer Conv3d[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, dilation: i64 = 1, groups: i64 = 1, bias: bool = true](
  x: f32[_, In, _, _, _]
) given In % groups == 0, Out % groups == 0 {
  param w: f32[Out, In / groups, kernel, kernel, kernel] ~ kernels
  let y = convolution[stride=stride, pad=pad, dilation=dilation, groups=groups](x, w)
  if bias {
    param b: f32[Out] ~ zeros
    y + b[_, new, new, new]
  } else {
    y
  }
}

## Every channel by a kernel of its own (Sifre 2014; Howard et al. 2017).
layer DepthwiseConv2d[kernel: i64, stride: i64 = 1, pad: i64 = 0, bias: bool = true](x: f32[_, C, _, _]) {
  param w: f32[C, 1, kernel, kernel] ~ kernels
  let y = convolution[stride=stride, pad=pad, groups=C](x, w)
  if bias {
    param b: f32[C] ~ zeros
    y + b[_, new, new]
  } else {
    y
  }
}

## The transpose of Conv2d: every pixel lays down a weighted kernel, `stride` apart; `pad` is cut off the
## border. Gives f32[B, Out, (H - 1)*stride + kernel - 2*pad, (W - 1)*stride + kernel - 2*pad].
layer ConvTranspose2d[Out, kernel: i64, stride: i64 = 1, pad: i64 = 0, bias: bool = true](x: f32[_, In, _, _]) {
  param w: f32[In, Out, kernel, kernel] ~ kernels
  let turned = transpose[1, 0, 2, 3](reverse[2](reverse[3](w)))
  let y = convolution[spread=stride, pad=kernel - 1 - pad](x, turned)
  if bias {
    param b: f32[Out] ~ zeros
    y + b[_, new, new]
  } else {
    y
  }
}

## The largest element of each window; of equals the first gets the gradient. Gives
## f32[B, C, (H + 2*pad - n)//stride + 1, (W + 2*pad - n)//stride + 1].
fn max_pool[n: i64, stride: i64 = n, pad: i64 = 0](x: f32[..]) {
  window_max[kernel=n, stride=stride, pad=pad](x)
}

## The mean of each window, of the shape of max_pool's; what lies outside counts as 0.
fn avg_pool[n: i64, stride: i64 = n, pad: i64 = 0](x: f32[..]) {
  window_sum[kernel=n, stride=stride, pad=pad](x) / (n * n)
}

## The mean of all axes behind the channels: [B, C, ..S] to [B, C] (Lin, Chen and Yan 2013).
fn global_mean(x: f32[B, C, ..S]) -> f32[B, C] { mean[..S](x) }

## The largest of all axes behind the channels.
fn global_max(x: f32[B, C, ..S]) -> f32[B, C] { max[..S](x) }
