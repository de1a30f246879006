## Ratings of 3000 users of 40 items, by plain gradient descent: only the rows that a batch names change.

dim Users = 3000
dim Items = 40

model Ratings(user: index[Users][B], item: index[Items][B]) -> f32[B] {
  param u:    f32[Users, 50] ~ normal(0, 0.3)
  param v:    f32[Items, 50] ~ normal(0, 0.3)
  param bias: f32[Users]     ~ zeros
  sum[1](u[user] * v[item]) + bias[user]
}

optimizer plain[lr: f32 = 0.05](p, g) { p = p - lr * g }

data set {
  user:   index[Users] from randint[Users, 700]
  item:   index[Items] from randint[Items, 700]
  rating: f32          from uniform[700](0, 5)
}

train Ratings on set {
  batch = 64; epochs = 3
  step (user, item, rating) { minimize mean(mse(Ratings(user, item), rating)) using plain[lr=0.5] }
}
print(mean(Ratings.u), mean(Ratings.v), mean(Ratings.bias))
