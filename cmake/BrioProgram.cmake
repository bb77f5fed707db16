# The program `brio`: ps, tree and stack of a process that uses the library.
if(TARGET brio_cli)
  add_executable(brio_program src/cli/program/main.c)
  set_target_properties(brio_program PROPERTIES OUTPUT_NAME brio
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/bin)
  target_include_directories(brio_program PRIVATE src)
  target_link_libraries(brio_program PRIVATE brio brio_flags)
  install(TARGETS brio_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
