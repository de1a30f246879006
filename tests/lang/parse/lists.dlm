let a, b = 1, 2                   # error E0101: it stands in parentheses
h, c = f(h), c                    # error E0101: it stands in parentheses
let y = for i in 0..3 { yield i, i } # error E0101: it stands in parentheses
(h, c) = f(h, c)                  # error E0101: names on the left of `=` stand without parentheses
2 = x                             # error E0101: only a name, a field or an element
let (a, b): f32 = x               # error E0101: a type belongs to one name
