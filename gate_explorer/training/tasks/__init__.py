"""The tasks, a file each: what is asked, how it is trained, what its units are watched for."""
