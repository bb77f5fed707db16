/* SPDX-License-Identifier: MIT
 *
 * Key pairs made by `openssl genpkey` for these tests, which guard nothing, and
 * those of RFC 7515, appendices A.2 and A.3. */
#ifndef BRIO_TEST_JWT_KEYS_H
#define BRIO_TEST_JWT_KEYS_H

#define PEM_RSA_PRIVATE                                                                            \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDJEITr5dvve/Jp\n"                           \
    "qCmnCQUr+wwUX6x2SOuOdh+DvFNHXUb1THTifZnke3O1SM+xWGoPzpZ1aWTOjIYU\n"                           \
    "zdnWbo6rzU9eE06iFwIgsu9rFQYoLbm1Qlxc2PjuqFoaVoX64eXK+EXf7a1D0YkN\n"                           \
    "1+/OrIqRijuesAN9yUas4tqMcSg3+T6jHEJv2TrAdVwPhJIoekVOjOqVW7Z9ZSbb\n"                           \
    "tKrS/SuFGAX8F2v/6Y9R7bsKsnHAxRw/Fr4pkGrzEf45UFIhMtK+5YOctKwpiXl/\n"                           \
    "p8pupRNoDsI4mnzEAY/gQ8+vuf5wo6XuPylritytCJz3d+XGlwNPI/TX58Q+ftRA\n"                           \
    "XBeKFuThAgMBAAECggEAYPNPNLRcbcjVZe8JTprB3Kgr9fMAJPUaaFI69fmsKmAm\n"                           \
    "5Ace4UtxFkQU0hgu1bPtSHvz/t94FUSbLpLn9EbRErRoDdO/edcgVoYRfg/gLSWH\n"                           \
    "Q4ihIsAYoHObJtILvqKIfGtkvgpMHsR9kqhJ4N0/39fI0cbLmC6inqCwg0HZA8uW\n"                           \
    "yJkMZ+t1WOACzlEnRVHxyu6pjcP6Nxtl1zWd6d03Qcuf+lw68gYS2sXDpZ1KPUlL\n"                           \
    "X839/ZHtNBn9x7qoJaFV+W50yKmtqu0AJEU5YkoW5LEAu9ll/xTbuXvQOZ15PXYE\n"                           \
    "Ilqwjbo+9MZOON+WdN02f3RgBvCqVOmpQYkSpArQxQKBgQD2TYpa3kXVI1Dqo32k\n"                           \
    "+C3896vjzfqWTcieEne4rRgzAB/UqJzoA0kiiyt6majMep2AtNdlGnL4Ab3p4l0z\n"                           \
    "wPmfsPxTBBBV40yU6ghxXkaSxiwzhu/u8GI3/Crh59TwmY3Em25CN9/Zsm/PqzWd\n"                           \
    "yzzbDb/M93vYM9FZpHxlv3nghwKBgQDQ+wa8vzne2dDmYbb9NWhw1lpRpypc8V/h\n"                           \
    "6qSW1nBMjydHD6vjhRzAiLM2fY3jPfn6MxPfFe/PS0GT5G4mUhVQrn5keWJuwC9f\n"                           \
    "LMKQ1+SnWU8TODkRdtOYrhue5+ukL/WmR8SGiYYtzPhJ367AQxCjPVNXnxbkQpMd\n"                           \
    "7HOuq/BxVwKBgQDrMJfQtTaRk6uMopkzkhi32fg1C1chdxz+dDwGCKN278N1WZya\n"                           \
    "n6iSZ7oY0+mvd9Y2NHkJffwSffdPAmxlIvw6VNJcoyDGIsnZ2LA/MPrK5JkIiu1J\n"                           \
    "iBkBxLVeCfX32WjaOGFMsfX69rx13NLR3mQ5+CMSIbAMf06E/uAaeIB0uQKBgQCx\n"                           \
    "kKmP1JeSX9bc+afnC+s6/RbvDC+1my4SIjJJK9ltY7FG8uzlPCRK/5vur83QiMeP\n"                           \
    "LLk0s0n5A4Or6ssg6lvMGwevzWeynL9jif+j3J0fCIZk2T+8NA/kSgOUCJEzB8Ec\n"                           \
    "0RwOCGonHmLVOiccm59WZHQdHkLwHhUsts0wXE3HrwKBgQCHFUyWdWIrg2GKeCiz\n"                           \
    "I6pZtErg608Oq7IoIciR8zvqsB8qQI36Gis7mWOH/mRJC8psUg0qn5MbcqI5PZeW\n"                           \
    "o4KP8zTEVDg8z3wKUVR3fsRtxCgvKxufple+57o2An77U8L60JZhD7onCLCHHcCZ\n"                           \
    "7AW5ws1yA5dFIT0wr7ppAxmFpA==\n"                                                               \
    "-----END PRIVATE KEY-----\n"

#define PEM_RSA_PUBLIC                                                                             \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyRCE6+Xb73vyaagppwkF\n"                           \
    "K/sMFF+sdkjrjnYfg7xTR11G9Ux04n2Z5HtztUjPsVhqD86WdWlkzoyGFM3Z1m6O\n"                           \
    "q81PXhNOohcCILLvaxUGKC25tUJcXNj47qhaGlaF+uHlyvhF3+2tQ9GJDdfvzqyK\n"                           \
    "kYo7nrADfclGrOLajHEoN/k+oxxCb9k6wHVcD4SSKHpFTozqlVu2fWUm27Sq0v0r\n"                           \
    "hRgF/Bdr/+mPUe27CrJxwMUcPxa+KZBq8xH+OVBSITLSvuWDnLSsKYl5f6fKbqUT\n"                           \
    "aA7COJp8xAGP4EPPr7n+cKOl7j8pa4rcrQic93flxpcDTyP01+fEPn7UQFwXihbk\n"                           \
    "4QIDAQAB\n"                                                                                   \
    "-----END PUBLIC KEY-----\n"

#define PEM_EC_PRIVATE                                                                             \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfuoD9vhnluz068AA\n"                           \
    "IbOyvqQUt1V3P5NsyVyC/CQOQLihRANCAATNQHdvf5sUTSRw86thW/t7Npuw2YUg\n"                           \
    "vh2efYdpJVzJAXRqPimAfLb5vMRe3srboqquXG/sc0igaiMEPMy4CbGY\n"                                   \
    "-----END PRIVATE KEY-----\n"

#define PEM_EC_SEC1                                                                                \
    "-----BEGIN EC PRIVATE KEY-----\n"                                                             \
    "MHcCAQEEIH7qA/b4Z5bs9OvAACGzsr6kFLdVdz+TbMlcgvwkDkC4oAoGCCqGSM49\n"                           \
    "AwEHoUQDQgAEzUB3b3+bFE0kcPOrYVv7ezabsNmFIL4dnn2HaSVcyQF0aj4pgHy2\n"                           \
    "+bzEXt7K26Kqrlxv7HNIoGojBDzMuAmxmA==\n"                                                       \
    "-----END EC PRIVATE KEY-----\n"

#define PEM_EC_PUBLIC                                                                              \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzUB3b3+bFE0kcPOrYVv7ezabsNmF\n"                           \
    "IL4dnn2HaSVcyQF0aj4pgHy2+bzEXt7K26Kqrlxv7HNIoGojBDzMuAmxmA==\n"                               \
    "-----END PUBLIC KEY-----\n"

#define PEM_EC_CERTIFICATE                                                                         \
    "-----BEGIN CERTIFICATE-----\n"                                                                \
    "MIIBcDCCARWgAwIBAgIUIu+I8AV60F9X9l/k8/MpeIDolA0wCgYIKoZIzj0EAwIw\n"                           \
    "DDEKMAgGA1UEAwwBdDAgFw0yNjExMjkwOTIwMTNaGA8yMDgxMDkwMTA5MjAxM1ow\n"                           \
    "DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM1Ad29/mxRN\n"                           \
    "JHDzq2Fb+3s2m7DZhSC+HZ59h2klXMkBdGo+KYB8tvm8xF7eytuiqq5cb+xzSKBq\n"                           \
    "IwQ8zLgJsZijUzBRMB0GA1UdDgQWBBSBh5pfhS/p+silPfxPn6UzjdiytDAfBgNV\n"                           \
    "HSMEGDAWgBSBh5pfhS/p+silPfxPn6UzjdiytDAPBgNVHRMBAf8EBTADAQH/MAoG\n"                           \
    "CCqGSM49BAMCA0kAMEYCIQCeEd0RgtcKj8dMD9NJtLx2aekfNoLX5fpOZkoWxffk\n"                           \
    "wwIhAJSh06676miZKBX25/rtTUmmIpHuGM9VpeiEMyPF9UHl\n"                                           \
    "-----END CERTIFICATE-----\n"

#define PEM_EC_P384                                                                                \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEB7QYyD3TSUKr05TloTGzYixVcwIo1qEI\n"                           \
    "gYgP7STMhkQTsl247B0vnShnJeCvHY+QUdrV9CxL2KotFSIfpQh6AEam/k0upZJg\n"                           \
    "FsTrHuFWVpsXkjbeNDi1Jcnn2ZKSasEV\n"                                                           \
    "-----END PUBLIC KEY-----\n"

#define PEM_RSA_1024                                                                               \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDJwT1Y6ODbmF9lqy7NC0fviWdg\n"                           \
    "TDyogvxRpHqUulAm5W9BM2TiJS8hdPezwqL51uCDlb1xswPC5OZLcqqRe4Sq3az8\n"                           \
    "saxZKF+Hs+cZpdbiQ6xOCHim/vX3MIn9sAj/u+Ntbg9auw+VOfhrjfrw9UINbRO2\n"                           \
    "uSdiab2lxjXu8bRwgQIDAQAB\n"                                                                   \
    "-----END PUBLIC KEY-----\n"

#define PEM_ED25519                                                                                \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MCowBQYDK2VwAyEAn0yH58MOnGzqiGnrwVcbARcKKXLPlynvjE/DQCCFFzk=\n"                               \
    "-----END PUBLIC KEY-----\n"

#define PEM_EC_ENCRYPTED                                                                           \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                                      \
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi+4rGf9YjcCgICCAAw\n"                           \
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGV9nt4yr2YXXB1/3VoF4gQEgZCy\n"                           \
    "exE5DvD2vdNZcBF26h/AiIQE/UC9ScWHmbjYLaQHnOUbpZg6kr+vhwKyy0GdMGKl\n"                           \
    "sAFk6T8aPbb7kkbZFK5deMXHyxV79gutwC55VpWPd1VphdfgkfxXrBt325gRn0sB\n"                           \
    "gzcvxbTpf0xecgdBgnUarWd4ZJh6pn91RX5KoD60286QKjhOtzpxjvsG8dMIXxE=\n"                           \
    "-----END ENCRYPTED PRIVATE KEY-----\n"

#define PEM_RFC7515_RSA                                                                            \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n"                           \
    "NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n"                           \
    "P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n"                           \
    "9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n"                           \
    "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n"                           \
    "FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n"                           \
    "oQIDAQAB\n"                                                                                   \
    "-----END PUBLIC KEY-----\n"

#define PEM_RFC7515_EC                                                                             \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"                           \
    "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"                               \
    "-----END PUBLIC KEY-----\n"

#endif
