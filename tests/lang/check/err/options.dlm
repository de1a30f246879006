option rate: f16 = 0.1                           # error E0702: an option has one of the types
option count: i64 = 2.5                          # error E0305: i64 is wanted
option Size: dim = 0                             # error E0311: a dim option is at least 1
option size: dim = 3                             # error E0203: `size` is a dimension
option Lr: f32 = 0.1                             # error E0203: `Lr` is a value
option late: f32 = sqrt(2.0)                     # error E0702: the default of an option is a number or text
option sure: bool = 1                            # error E0305: bool is wanted
option text: string = 5                          # error E0301: the option `text` is string
