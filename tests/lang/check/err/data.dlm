data twice {
  x: f32 from normal[10]
  x: f32 from normal[10]                         # error E0202: the field `x` is declared twice
}
data rows {
  x: f32 from normal[10]
  y: f32 from normal[12]                         # error E0614: the field `y` has 12 records, `x` has 10
}
data shape { x: f32[3] from normal[10, 2] }      # error E0301: the data of `x`
data scalar { x: f32 from 1.5 }                  # error E0601: the data of a field is a tensor
data element { x: u8 from normal[10] }           # error E0305: u8 is wanted
data parts {
  x: f32 from normal[10]
  split train = 0.9, valid = 0.3                 # error E0602: the parts add up to 1.2
}
data share {
  x: f32 from normal[10]
  split train = 1.5                              # error E0602: the share of `train` is 1.5
}
data nothing { split train = 0.5 }               # error E0602: there is nothing to split
data setting {
  x: f32 from normal[10]
  order = 3                                      # error E0601: a data block has one setting
}
data blank { }                                   # error E0601: `blank` has no fields
data case { X: f32 from normal[10] }             # error E0203: `X` names a field
data good {
  x: f32 from normal[10]
  split train = 0.5, valid = 0.5
}
print(good.tran)                                 # error E0603: the data set `good` has no part or field `tran`
print(digits)                                    # error E0615: the data set `digits` has parts only
print(digits.train.imag)                         # error E0207: this record has no `imag`
