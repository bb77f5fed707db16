# Language, warnings and sanitizers, carried by one interface target.
add_library(brio_flags INTERFACE)
target_compile_features(brio_flags INTERFACE c_std_17)
target_compile_options(brio_flags INTERFACE
  $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wstrict-prototypes;-Wmissing-prototypes;-Wcast-qual;-Wwrite-strings;-Wundef;-Wvla;-Wformat=2>
  $<$<AND:$<COMPILE_LANGUAGE:C>,$<BOOL:${BRIO_WERROR}>>:-Werror>
  -fno-omit-frame-pointer -fvisibility=hidden -fno-math-errno)
target_compile_definitions(brio_flags INTERFACE _GNU_SOURCE)
if(BRIO_SANITIZE)
  # Whole stacks, in reports and for the tests that read them.
  target_compile_options(brio_flags INTERFACE -fsanitize=${BRIO_SANITIZE} -fno-sanitize-recover=all -g
    -fno-optimize-sibling-calls)
  target_link_options(brio_flags INTERFACE -fsanitize=${BRIO_SANITIZE})
endif()
if(BRIO_FUZZ)
  # Everything is instrumented; only the programs in fuzz/ link libFuzzer's main.
  target_compile_options(brio_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(BRIO_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # Fat objects: libbrio.a also links where there is no LTO, or another compiler.
  target_compile_options(brio_flags INTERFACE $<$<COMPILE_LANGUAGE:C>:-flto=auto;-ffat-lto-objects>)
  target_link_options(brio_flags INTERFACE -flto=auto)
endif()
if(BRIO_COVERAGE)
  target_compile_options(brio_flags INTERFACE --coverage)
  target_link_options(brio_flags INTERFACE --coverage)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_EXTENSIONS OFF)
