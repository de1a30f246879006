# The library, the embedded data and the pages of `dlc explain` become one C file of byte arrays (cmake/embed.c
# does it, so that large files cost nothing), declared in driver/embedded.h.
set(DLC_STDLIB_SOURCES)
file(GLOB DLC_EMBEDDED CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} stdlib/*.dlm stdlib/data/*.bin
  docs/errors/*.md)
if(DLC_EMBEDDED AND EXISTS ${CMAKE_SOURCE_DIR}/driver/embedded.h)
  add_executable(embed cmake/embed.c)
  set(DLC_STDLIB_SOURCES ${CMAKE_BINARY_DIR}/driver/embedded.c)
  add_custom_command(OUTPUT ${DLC_STDLIB_SOURCES}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/driver
    COMMAND embed ${DLC_STDLIB_SOURCES} ${DLC_EMBEDDED}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DEPENDS embed ${DLC_EMBEDDED} VERBATIM)
endif()
