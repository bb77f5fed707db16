# Swagger UI and ReDoc, from the npm registry into the binary: fetched once
# into build/docs-pages (shared by all presets), checked by SHA-256, embedded
# by the assembler as read-only data. /docs and /redoc need no network.
set(BRIO_DOCS_CACHE ${CMAKE_CURRENT_SOURCE_DIR}/build/docs-pages CACHE PATH
    "where the documentation pages' files are kept")

set(docs_packages
  swagger-ui-dist@5.35.0
  redoc@2.5.4)
# name in the binary; file in the package; SHA-256
set(docs_assets
  "swagger_js|swagger-ui-dist|swagger-ui-bundle.js|e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2"
  "swagger_css|swagger-ui-dist|swagger-ui.css|5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d"
  "favicon|swagger-ui-dist|favicon-32x32.png|3ed612f41e050ca5e7000cad6f1cbe7e7da39f65fca99c02e99e6591056e5837"
  "redoc_js|redoc|bundles/redoc.standalone.js|dcaf76612bc4a3fbcc923a8966dee2f6146a5f32e5ce1b6f02dd60cbbf89500b")
set(docs_without "build without it: cmake -B ${CMAKE_BINARY_DIR} -DBRIO_DOCS_PAGES=OFF")

function(brio_docs_fetch spec)
  string(REGEX REPLACE "@.*" "" name ${spec})
  set(stamp ${BRIO_DOCS_CACHE}/${spec}.done)
  if(EXISTS ${stamp})
    return()
  endif()
  find_program(BRIO_NPM npm)
  if(NOT BRIO_NPM)
    message(FATAL_ERROR "npm fetches the pages of /docs; install it, or ${docs_without}")
  endif()
  file(MAKE_DIRECTORY ${BRIO_DOCS_CACHE}/${name})
  execute_process(COMMAND ${BRIO_NPM} pack --loglevel=error ${spec}
    WORKING_DIRECTORY ${BRIO_DOCS_CACHE} OUTPUT_VARIABLE archive ERROR_VARIABLE log RESULT_VARIABLE rc
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(rc)
    message(FATAL_ERROR "npm could not fetch ${spec}, a page of /docs:\n${log}\nTry again, or ${docs_without}")
  endif()
  file(ARCHIVE_EXTRACT INPUT ${BRIO_DOCS_CACHE}/${archive} DESTINATION ${BRIO_DOCS_CACHE}/${name})
  file(REMOVE ${BRIO_DOCS_CACHE}/${archive})
  file(TOUCH ${stamp})
endfunction()

foreach(spec IN LISTS docs_packages)
  brio_docs_fetch(${spec})
endforeach()

set(docs_assembly "/* Generated: the documentation pages as read-only data. */\n.section .rodata\n")
foreach(row IN LISTS docs_assets)
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 symbol)
  list(GET row 1 package)
  list(GET row 2 file)
  list(GET row 3 want)
  set(path ${BRIO_DOCS_CACHE}/${package}/package/${file})
  file(SHA256 ${path} got)
  if(NOT got STREQUAL want)
    message(FATAL_ERROR "${path} has SHA-256 ${got}, expected ${want}; remove ${BRIO_DOCS_CACHE} and try again")
  endif()
  foreach(label brio_asset_${symbol} brio_asset_${symbol}_end)
    string(APPEND docs_assembly ".global ${label}\n.hidden ${label}\n")
  endforeach()
  string(APPEND docs_assembly
    ".balign 16\nbrio_asset_${symbol}:\n.incbin \"${path}\"\nbrio_asset_${symbol}_end:\n.byte 0\n")
endforeach()
string(APPEND docs_assembly ".section .note.GNU-stack,\"\",%progbits\n")
file(CONFIGURE OUTPUT docs_assets.S CONTENT "${docs_assembly}" @ONLY)

if(TARGET brio_app)
  target_sources(brio_app PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/docs_assets.S)
  target_compile_definitions(brio_app PRIVATE BRIO_WITH_DOCS_PAGES=1)
endif()
