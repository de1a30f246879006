# lang/lexer.l and lang/parser.y become C in the build folder; conflicts and warnings are errors.
set(DLC_GRAMMAR_SOURCES)
if(EXISTS ${CMAKE_SOURCE_DIR}/lang/parser.y)
  find_package(BISON 3.8 REQUIRED)
  find_package(FLEX 2.6 REQUIRED)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lang)
  bison_target(parser lang/parser.y ${CMAKE_BINARY_DIR}/lang/parser.c
    DEFINES_FILE ${CMAKE_BINARY_DIR}/lang/parser.h COMPILE_FLAGS "-Werror -Wcounterexamples")
  flex_target(lexer lang/lexer.l ${CMAKE_BINARY_DIR}/lang/lexer.c)
  add_flex_bison_dependency(lexer parser)
  set(DLC_GRAMMAR_SOURCES ${BISON_parser_OUTPUT_SOURCE} ${FLEX_lexer_OUTPUTS})
endif()
