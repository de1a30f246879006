## Records, windows and batches that do not fit their set.
data d {
  let v = [1.5, 2.5, 3.5, 4.5]
  rating: f32 from v
  picture: f32[2] from zeros[4, 2]
}
data parts {
  x: f32 from zeros[10]
  split train = 0.5, valid = 0.5
}
let ids = [0, 1, 1]
let wrong = [true, false, true]
let real = [0.5, 1.5]

print(d[0].rating)                            # error E0631: one record is chosen as a set of one
print(d[ids[0]].rating)                       # error E0631: one record is chosen as a set of one
print(d[0..5].rating)                         # error E0309: this asks for records up to 5 of a set of 4
print(d[3..1].rating)                         # error E0309: this range ends before it begins
print(d[-5..].rating)                         # error E0309: this range ends before it begins
print(d[..].rating)                           # error E0631: this is none of them
print(d[wrong].rating)                        # error E0631: the condition has 3 values, the set has 4 records
print(d[real].rating)                         # error E0631: records are chosen by a range, by numbers or by a condition; this is f32[2]
print(d[zeros[2, 2] == 1].rating)             # error E0631: this is bool[2, 2]
print(d[0..2, 1].rating)                      # error E0631: a data set is indexed by its records alone, 2 indexes given
print(d[_].rating)                            # error E0631: this is none of them
print(d[new].rating)                          # error E0631: this is none of them
print(d["a"].rating)                          # error E0631: this is string
print(d[iota[5]].rating)                      # error E0310: index[5] does not fit a set of 4 records
print(d[ids].ratings)                         # error E0207: this record has no `ratings`
print(d[d.rating > 2].label)                  # error E0207: this record has no `label`
print(d[undeclared].rating)                   # error E0201: there is no name `undeclared`

print(size(d.rating))                         # error E0631: `size` counts the records of a data set, this is f32[4]
print(size(3))                                # error E0631: `size` counts the records of a data set
print(size())                                 # error E0313: `size` takes 1 argument, 0 given
print(size[2](d))                             # error E0208: `size` takes nothing in brackets

print(windows[2](d).x)                        # error E0631: windows are cut from a tensor along its first axis; this is a data set
print(windows(d.rating).x)                    # error E0314: `windows` needs a length in brackets
print(windows[0](d.rating).x)                 # error E0314: this is at least 1, not 0
print(windows[2, stride=0](d.rating).x)       # error E0314: this is at least 1, not 0
print(windows[2, step=1](d.rating).x)         # error E0208: `windows` has no such parameter
print(windows[2, 1](d.rating).x)              # error E0208: `windows` has no such parameter
print(windows[4](d.rating).x)                 # error E0631: a window of 4 and the one behind it need 5 rows, there are 4
print(windows[2](mean(d.rating)).x)           # error E0631: windows are cut from a tensor along its first axis; this is f32
print(windows[2](d.rating).y)                 # error E0207: this record has no `y`
print(windows[2](d.rating, d.rating).x)       # error E0313: `windows` takes 1 argument, 2 given
print(windows[n](d.rating).x)                 # error E0201: there is no dimension `n`

for (rating) in d { print(rating) }           # error E0631: a `for` walks a data set in batches
for (rating, label) in batches[2](d) {        # error E0506: the data has no field `label`
  print(rating)
}
