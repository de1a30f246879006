## Views of data sets: records, windows, batches and their sizes.
option begin: i64 = 2
dim Length = 4

data d {
  let v = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5]
  rating: f32 from v
  picture: f32[2, 3] from zeros[10, 2, 3]
  split train = 0.8, valid = 0.2
  shuffle = 3
}
data files {
  train {
    image: u8[28, 28] from idx("train.idx.gz")
    label: index[10]  from csv("train.csv", "class")
  }
  test {
    image: u8[28, 28] from npz("test.npz", "images")
    label: index[10]  from npy("labels.npy")
  }
}

let some: f32[3] = d[0..3].rating
let last: f32[2] = d[-2..].rating
let middle: f32[Length] = d[begin..begin + 4].rating
let chosen: f32[3, 2, 3] = d[[0, 9, 0]].picture
let high = d[d.rating >= 4]
print(some, last, middle, mean(chosen), mean(high.rating), size(high))
print(size(d), size(d.train), size(files.test), size(d.train[0..2]), size(batches[3](d)))
print(d.train[d.train.rating > 3][0..1].rating)
print(files.train[0..100].label == 1, files.test.image[0..2])

let w = windows[Length](d.rating)
let x: f32[2, Length] = w.x
let y: f32[6, Length] = windows[Length, stride=1](d.rating).next
let z: f32[4, 2, 2, 3] = windows[2](d.picture).x
print(x, y, z, w[1..].next, size(windows[64](files.train.label)))

for (rating, picture) in batches[3](d.train) { print(mean(rating), mean(picture)) }
for i, (label, image) in 0..size(files.test), batches[64](files.test[0..640]) { print(i, label[0], mean(f32(image))) }
for b in batches[4](windows[2](d.rating)) { print(b.x, size(b), b[0..1].next) }

fn best(low: f32) -> f32 { max(d[d.rating >= low].rating) }
fn level() -> f32 { mean(d.rating) }
print(best(3), level())

model Line(x: f32[B, 2, 3]) -> f32[B] { x |> flatten |> Dense[1] |> reshape[B] }
train Line on d.train[0..6] {
  batch = 2; steps = 4
  step (picture, rating) { minimize mean((Line(picture) - rating)**2) using sgd[lr=0.1] }
  validate (picture, rating) on d[d.rating > 5] { report error = mean(abs(Line(picture) - rating)) }
}
