## Matrix factorisation, 1024 ratings a step: 100,000 users, 20,000 items, 64 factors; Adam over the whole tables.

dim Users = 100_000
dim Items = 20_000
dim Factors = 64

model Ratings(user: index[Users][B], item: index[Items][B]) -> f32[B] {
  param u:         f32[Users, Factors]  ~ normal(0, 0.05)
  param v:         f32[Items, Factors]  ~ normal(0, 0.05)
  param user_bias: f32[Users]           ~ zeros
  param item_bias: f32[Items]           ~ zeros
  sum[1](u[user] * v[item]) + user_bias[user] + item_bias[item]
}

data set {
  user:   index[Users]  from randint[Users, 1024]
  item:   index[Items]  from randint[Items, 1024]
  rating: f32           from uniform[1024](0, 5)
}

train Ratings on set {
  batch = 1024; steps = 20
  step (user, item, rating) {
    minimize mean(mse(Ratings(user, item), rating)) using adam[lr=1e-3]
  }
}
