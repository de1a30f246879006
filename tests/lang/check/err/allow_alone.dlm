let x = 1
# warning at 3 W0216: line 4 has no warning W0209 to allow
# allow W0209: there is nothing else to say in this file
print(x)
