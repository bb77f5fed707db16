# libbrio_dev.a: a development build links it, and blocking calls in coroutines
# are named (docs/decisions/0007-the-shim.md). A sanitizer has interceptors of
# the same names, so the two do not meet.
if(BRIO_SANITIZE)
  return()
endif()
add_library(brio_dev STATIC shim/shim.c shim/sockets.c shim/held.c)
add_library(brio::dev ALIAS brio_dev)
set_target_properties(brio_dev PROPERTIES EXPORT_NAME dev)
target_include_directories(brio_dev PUBLIC
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(brio_dev PRIVATE $<BUILD_INTERFACE:brio_flags>)
# Nobody calls the shim by name: ask for it, and put it before the C library.
target_link_options(brio_dev INTERFACE LINKER:--undefined=brio_dev_shim)
install(TARGETS brio_dev EXPORT brioTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
