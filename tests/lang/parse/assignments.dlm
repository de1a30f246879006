batch = 64, epochs = 10        # error E0101: `;` separates statements on a line
x = y = 3                      # error E0101: a statement has one `=`
let a = b = 3                  # error E0101: a statement has one `=`
let f(x) = x + 1               # error E0101: a function is declared with `fn`
print "hello"                  # error E0101: a call has parentheses: `print(...)`
f(a, b = 3, c == d = 4)        # error E0101: `=` cannot stand inside an expression
