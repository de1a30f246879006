## A `for` over batches takes fields by their names.
data d {
  rating: f32 from zeros[4]
  id: i64 from [1, 2, 3, 4]
}
for (rating, ratng) in batches[2](d) {        # error E0506: the data has no field `ratng`
  print(rating)
}
for (rating, _) in batches[2](d) {            # error E0506: fields are taken by name
  print(rating)
}
for b in batches[2](d) { print(b.ids) }       # error E0207: this record has no `ids`
for b in batches(d) { print(b.id) }           # error E0314: `batches` needs a length in brackets
for b in batches[2](d.id) { print(b) }        # error E0631: `batches` takes a data set, this is i64[4]
for b in batches[2, stride=1](d) { print(b.id) } # error E0208: `batches` has no such parameter
print(batches[2](d).id)                       # error E0207: this record has no `id`
print(batches[2](d)[0..1])                    # error E0631: batches are walked by a `for`
for (id, rating) in batches[2](batches[2](d)) { print(id, rating) } # error E0631: `batches` takes a data set
train on batches[2](d) {
  step (rating) { report r = mean(rating) }   # error E0506: the data has no field `rating`
}
