# galvatron_flags: the language standard, the include root and the warnings of our own code.
# Every target of ours links it; nothing outside the repository sees it.
add_library(galvatron_flags INTERFACE)
target_compile_features(galvatron_flags INTERFACE cxx_std_20)
target_include_directories(galvatron_flags INTERFACE ${PROJECT_SOURCE_DIR})
# Designated initialisers leave out fields on purpose; g++ 12 reports each one of them. Optimizing,
# it also sees std::string's own copies overlap (-Wrestrict), which they do not.
set(_warnings
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wno-missing-field-initializers
  $<$<BOOL:${GALVATRON_WERROR}>:-Werror>
  $<$<BOOL:${GALVATRON_WERROR}>:-Wno-error=restrict>)
# nvcc knows few of them, and what it makes of a kernel for the host compiler is not our code.
target_compile_options(galvatron_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${_warnings}>"
  $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${GALVATRON_WERROR}>>:-Werror=all-warnings>)
# Plans are the same bytes everywhere: no product and sum is fused into one rounding where the target
# has an instruction for it, as g++ does by default.
target_compile_options(galvatron_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)
set(CMAKE_CXX_EXTENSIONS OFF)

# Sanitizers go to every target: a half-instrumented program reports nonsense.
if(GALVATRON_SANITIZE)
  add_compile_options(-fsanitize=${GALVATRON_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GALVATRON_SANITIZE})
endif()
