model Net(x: f32[B, 2]) -> f32[B, 1] { x |> Dense[1] }

step one(x) -> f32 { sum(x) }
print(one(Net))                                        # error E0460: the program gives tensors to a step, and this is Net
print(one("a"))                                        # error E0460: the program gives tensors to a step, and this is string
type Pair = (f32[2], f32)
step pair(x: Pair) -> f32 { let a, b = x; sum(a) + b }
print(pair((ones[2], 1.0)))                            # error E0460: the program gives tensors to a step, and this is (f32[2], f32)
step two(x: f32[B]) -> f32 { sum(x) }
print(two[3](ones[2]))                                 # error E0314: `two` takes nothing in brackets
step three[k: i64](x: f32[B]) -> f32 { sum(x) + z }    # error E0201: there is no name `z`
print(three[3](ones[2]))
step four[k: i64](x: f32[B, 2]) -> f32[B] { x }        # error E0301: the result of this step is f32[B], this is f32[B, 2]
step five(x: f32[..S], y: f32[..S]) -> f32 { sum(x + y) }
print(five(ones[2], ones[3]))                          # error E0304: `y` of `five`
step six(x) -> f32 { sum(x @ ones[3, 2]) }
print(six(ones[2, 2]))                                 # error E0302: the inner dimensions of `@` differ: 2 against 3
step seven[k: i64](x: f32[B]) -> f32 { k * sum(x) }
print(seven(ones[3]))                                  # error E0314: `seven` needs `k` in brackets
step eight(x) -> f32 { eight(x) }                      # error E0404: the step `eight` calls itself without end
print(eight(ones[3]))
step learn[Rule: optimizer](x: f32[B, 2]) {
  minimize mean(Net(x)**2) over Net using Rule
}
learn[relu](ones[3, 2])                                # error E0436: `Rule` is an optimizer, and this is a function
learn[adam](ones[3, 4])                                # error E0304: `x` of `learn`
step nine[k: i64](x: f32[B, 2]) -> f32[B] { Net(x) }   # error E0301: the result of this step is f32[B], this is f32[B, 1]
