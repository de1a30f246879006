model Net(x: f32[B, 2]) -> f32[B, 3] { x |> Dense[3] }
save(Net)                                        # error E0301: `save` takes a model and a path, or the path alone for the whole program, this is Net
save(Net, "net.safetensors", 1)                  # error E0313: `save` takes 1 or 2 arguments, 3 given
save("net.safetensors", Net)                     # error E0301: `save` takes a model or another instance
save(Net.dense_1.w, "x")                         # error E0301: `save` takes a model or another instance
load(Net, 3)                                     # error E0301: `load` takes the path of a file, a string, this is i64
write_png(normal[4], "x.png")                    # error E0301: `write_png` takes a picture [H, W]
write_png(normal[2, 4, 4], "x.png")              # error E0301: `write_png` takes a picture [H, W]
write_png(iota[4], "x.png")                      # error E0301: `write_png` takes a picture [H, W]
print(grid(normal[4, 4]))                        # error E0301: `grid` takes pictures [N, H, W]
print(grid[rows=2](normal[5, 4, 4]))             # error E0314: `grid` takes `columns` in its brackets
print(grid[columns=0](normal[5, 4, 4]))          # error E0314: `columns` is a whole number
let a: f32[1, 16, 10] = grid[columns=2](normal[5, 4, 4])
let b: f32[1, 16, 11] = grid[columns=2](normal[5, 4, 4]) # error E0301: `b` is f32[1, 16, 11], this is f32[1, 16, 10]
print(a, b)
step draw(x: f32[4, 4]) {
  write_png(x, "x.png")                          # error E0401: `write_png` belongs to the program
}
