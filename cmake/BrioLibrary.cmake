# libbrio.a, and what `make install` needs: headers, brio.pc, brioConfig.cmake.
add_library(brio STATIC ${BRIO_OBJECTS})
add_library(brio::brio ALIAS brio)
target_include_directories(brio PUBLIC
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(brio PUBLIC ${BRIO_LIBS})
set_target_properties(brio PROPERTIES LINKER_LANGUAGE C)

install(TARGETS brio EXPORT brioTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/brio DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT brioTargets NAMESPACE brio:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/brio)
configure_package_config_file(cmake/brioConfig.cmake.in brioConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/brio)
write_basic_package_version_file(brioConfigVersion.cmake COMPATIBILITY SameMajorVersion)
list(JOIN BRIO_PC_REQUIRES " " BRIO_PC_REQUIRES_TEXT)
# The prefix is found from where brio.pc lies, so an installation may be moved.
file(RELATIVE_PATH BRIO_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/brio.pc.in brio.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/brioConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/brioConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/brio)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/brio.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
