# LLVM 19 is what we develop against; 18 to 22 are accepted.  Sets DLC_LLVM_INCLUDE and DLC_LLVM_LIBRARIES.
# Only headers and the one shared library are asked for, so that no LLVM CMake package is needed.
set(DLC_LLVM_VERSIONS 19 20 21 22 18)
find_program(DLC_LLVM_CONFIG
  NAMES llvm-config-19 llvm-config-20 llvm-config-21 llvm-config-22 llvm-config-18
  HINTS /usr/lib/llvm-19/bin /usr/lib/llvm-20/bin /usr/lib/llvm-21/bin /usr/lib/llvm-22/bin /usr/lib/llvm-18/bin
  DOC "llvm-config of LLVM 18 to 22")
if(NOT DLC_LLVM_CONFIG)
  message(FATAL_ERROR "LLVM 18 to 22 was not found: install llvm-19-dev (scripts/packages does), or give "
    "-DDLC_LLVM_CONFIG=/path/to/llvm-config")
endif()
function(llvm_config result)
  execute_process(COMMAND ${DLC_LLVM_CONFIG} ${ARGN} OUTPUT_VARIABLE text
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()
llvm_config(DLC_LLVM_VERSION --version)
string(REGEX MATCH "^[0-9]+" DLC_LLVM_MAJOR "${DLC_LLVM_VERSION}")
if(NOT DLC_LLVM_MAJOR IN_LIST DLC_LLVM_VERSIONS)
  message(FATAL_ERROR "${DLC_LLVM_CONFIG} is of LLVM ${DLC_LLVM_VERSION}; 18 to 22 are needed")
endif()
llvm_config(DLC_LLVM_INCLUDE --includedir)
llvm_config(DLC_LLVM_LIBRARIES --link-shared --libs)
llvm_config(llvm_libdir --libdir)
set(DLC_LLVM_LIBRARIES "-L${llvm_libdir}" ${DLC_LLVM_LIBRARIES})
message(STATUS "LLVM ${DLC_LLVM_VERSION} (${DLC_LLVM_CONFIG})")
