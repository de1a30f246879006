## What configures, given among the tensors as other tools have it.

let x = zeros[2, 3]
let picture = zeros[1, 3, 8, 8]

print(max(x, axis=1))                   # error E0208: `max` has no input `axis`
# fix: what configures stands in brackets: max[1](x)
print(sum(x, 1))                        # error E0313: `sum` takes 1 argument, 2 given
# fix: what configures stands in brackets: sum[1](x)
print(mean(x, dim=-1, keepdim=true))    # error E0208: `mean` has no input `dim`
# fix: what configures stands in brackets: mean[-1, keep=true](x)
print(x |> mean(axis=0))                # error E0208: `mean` has no input `axis`
# fix: what configures stands in brackets: mean[0]
print(softmax(x, axis=0))               # error E0208: `softmax` has no input `axis`
# fix: what configures stands in brackets: softmax[0](x)
print(softmax[axis=0](x))               # error E0208: `softmax` has no parameter `axis`
# fix: the axis stands there alone: softmax[0]
print(softmax(x, 0))                    # error E0313: `softmax` takes 1 argument, 2 given
# fix: what configures stands in brackets: softmax[0](x)
print(leaky_relu(x, slope=0.1))         # error E0208: `leaky_relu` has no input `slope`
# fix: what configures stands in brackets: leaky_relu[slope=0.1](x)
print(max_pool(picture, 2, stride=1))   # error E0313: `max_pool` takes 1 argument, 3 given
# fix: what configures stands in brackets: max_pool[2, stride=1](picture)
print(picture |> max_pool(2))           # error E0313: `max_pool` takes 1 argument, 2 given
# fix: what configures stands in brackets: max_pool[2]
print(convolution(picture, ones[4, 3, 3, 3], pad=1)) # error E0208: `convolution` has no input `pad`
# fix: what configures stands in brackets: convolution[pad=1](picture, ones[4, 3, 3, 3])
print(concat(x, x, axis=0))             # error E0208: `concat` has no input `axis`
# fix: what configures stands in brackets: concat[0](x, x)
print(reshape(x, 6))                    # error E0313: `reshape` takes 1 argument, 2 given
# fix: what configures stands in brackets: reshape[6](x)

# the largest of nothing
print(argmax[0](zeros[0, 3]))           # error E0309: `argmax` along an axis of size 0, which has no element to name
# label: 0 is written here
